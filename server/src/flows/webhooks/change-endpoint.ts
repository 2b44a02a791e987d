/** Changes what an endpoint is called at and for, enables and disables it, and deletes it. */
import { fail, ok, type Result } from "../../base/result.ts";
import type { Books } from "../../domain/account.ts";
import type { EventType } from "../../domain/event.ts";
import type { EndpointId } from "../../domain/ids.ts";
import type { Endpoint } from "../../domain/webhook.ts";
import {
  changeEndpoint,
  deleteEndpoint,
  disableEndpoint,
  enableEndpoint,
  findEndpoint,
} from "../../store/webhooks.ts";
import type { Platform } from "../platform.ts";
import type { EndpointUrlFailure } from "./create-endpoint.ts";

/** Null: as it is. */
export type EndpointChange = {
  readonly url: string | null;
  /** `types` null: all. */
  readonly events: { readonly types: readonly EventType[] | null } | null;
  readonly enabled: boolean | null;
};

export type EndpointMissing = { readonly kind: "endpoint_not_found" };

/** Disabling gives up what waits for the endpoint; enabling gives it a clean record. */
export async function change(
  platform: Platform,
  books: Books,
  endpointId: EndpointId,
  to: EndpointChange,
): Promise<Result<Endpoint, EndpointMissing | EndpointUrlFailure>> {
  const { accountId } = books.account;
  const at = books.now();
  const why = to.url === null ? null : platform.sender.refusal(to.url);
  if (why !== null) return fail({ kind: "endpoint_url_refused", why });
  return await platform.db.transaction(async (tx) => {
    if (!(await changeEndpoint(tx, accountId, endpointId, to, at)))
      return fail({ kind: "endpoint_not_found" });
    if (to.enabled === true) await enableEndpoint(tx, accountId, endpointId, at);
    if (to.enabled === false) await disableEndpoint(tx, accountId, endpointId, "merchant");
    const changed = await findEndpoint(tx, accountId, endpointId);
    return changed ? ok(changed) : fail({ kind: "endpoint_not_found" });
  });
}

/** Gives up what waits for it. An event that is just being written may still queue for it: see `DELIVERIES` in due.ts. */
export async function remove(
  platform: Platform,
  { account: { accountId } }: Books,
  endpointId: EndpointId,
): Promise<Result<EndpointId, EndpointMissing>> {
  const deleted = await platform.db.transaction((tx) => deleteEndpoint(tx, accountId, endpointId));
  return deleted ? ok(endpointId) : fail({ kind: "endpoint_not_found" });
}
