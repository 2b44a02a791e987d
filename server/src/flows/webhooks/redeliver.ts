/**
 * Sends events again: one of them, or all that an endpoint failed to take in a span, given up or not. Each becomes due at once, under the
 * same webhook-id and with the same body, and the schedule of its tries begins anew (contract section 6).
 */
import { ENDPOINTS } from "../../base/limits.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Books } from "../../domain/account.ts";
import type { EndpointId, EventId } from "../../domain/ids.ts";
import type { Endpoint } from "../../domain/webhook.ts";
import type { Queryable } from "../../store/database.ts";
import { hasFailed, resendEvent, resendFailed, type Span } from "../../store/deliveries.ts";
import { findEvent } from "../../store/events.ts";
import { findEndpoint } from "../../store/webhooks.ts";
import { type Answered, type Keyed, type KeyFailure, once } from "../once.ts";
import type { Platform } from "../platform.ts";
import type { EndpointMissing } from "./change-endpoint.ts";

export type ReplayFailure = EndpointMissing | { readonly kind: "endpoint_disabled" };
export type RedeliverFailure =
  | ReplayFailure
  | { readonly kind: "event_not_found" }
  /** No enabled endpoint takes events of this type. */
  | { readonly kind: "no_endpoint_for_event" };

export async function redeliver(
  platform: Platform,
  books: Books,
  command: {
    readonly eventId: EventId;
    /** Null: each enabled endpoint that takes its type. One that is named gets it whatever types it takes. */
    readonly endpointId: EndpointId | null;
    readonly keyed: Keyed | null;
    readonly present: (to: readonly EndpointId[]) => string;
  },
): Promise<Result<Answered, RedeliverFailure | KeyFailure>> {
  const { accountId } = books.account;
  const { eventId, endpointId, keyed, present } = command;
  const result = await once<RedeliverFailure>(platform, accountId, keyed, async (tx) => {
    if (!(await findEvent(tx, accountId, eventId))) return fail({ kind: "event_not_found" });
    const named = endpointId && (await enabledEndpoint(tx, books, endpointId));
    if (named && !named.ok) return named;
    const to = await resendEvent(tx, accountId, eventId, endpointId, books.now());
    return to.length > 0 ? ok(present(to)) : fail({ kind: "no_endpoint_for_event" });
  });
  if (result.ok) platform.wake();
  return result;
}

/** At most ENDPOINTS.replayed at a time; `hasMore`: the same span again sends the rest. */
export async function replayFailed(
  platform: Platform,
  books: Books,
  command: {
    readonly endpointId: EndpointId;
    readonly span: Span;
    readonly keyed: Keyed | null;
    readonly present: (replayed: number, hasMore: boolean) => string;
  },
): Promise<Result<Answered, ReplayFailure | KeyFailure>> {
  const { accountId } = books.account;
  const { endpointId, span, keyed, present } = command;
  const { replayed: most } = ENDPOINTS;
  const result = await once<ReplayFailure>(platform, accountId, keyed, async (tx) => {
    const endpoint = await enabledEndpoint(tx, books, endpointId);
    if (!endpoint.ok) return endpoint;
    const wall = platform.world.now();
    const replayed = await resendFailed(tx, accountId, endpointId, span, { now: books.now(), wall }, most);
    const hasMore = replayed === most && (await hasFailed(tx, accountId, endpointId, span, wall));
    return ok(present(replayed, hasMore));
  });
  if (result.ok) platform.wake();
  return result;
}

async function enabledEndpoint(
  db: Queryable,
  { account }: Books,
  endpointId: EndpointId,
): Promise<Result<Endpoint, ReplayFailure>> {
  const endpoint = await findEndpoint(db, account.accountId, endpointId);
  if (!endpoint) return fail({ kind: "endpoint_not_found" });
  return endpoint.enabled ? ok(endpoint) : fail({ kind: "endpoint_disabled" });
}
