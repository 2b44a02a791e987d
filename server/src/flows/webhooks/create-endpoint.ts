/** Creates a webhook endpoint. Its signing secret is made here, shown in this one answer, and kept encrypted. */
import { ENDPOINTS } from "../../base/limits.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Books } from "../../domain/account.ts";
import type { EventType } from "../../domain/event.ts";
import { newEndpointId } from "../../domain/ids.ts";
import type { Endpoint } from "../../domain/webhook.ts";
import { newWebhookSecret, type WebhookSecret } from "../../domain/webhook-signature.ts";
import { lockAccount } from "../../store/accounts.ts";
import { countEndpoints, insertEndpoint } from "../../store/webhooks.ts";
import { type Answered, type Keyed, type KeyFailure, once } from "../once.ts";
import type { Platform } from "../platform.ts";
import { secretContext } from "./deliver.ts";

export type CreateEndpointCommand = {
  readonly url: string;
  /** Null: all types, those of later versions too. */
  readonly events: readonly EventType[] | null;
  readonly enabled: boolean;
  readonly keyed: Keyed | null;
  readonly present: (endpoint: Endpoint, secret: WebhookSecret) => string;
};

export type EndpointUrlFailure = { readonly kind: "endpoint_url_refused"; readonly why: string };
export type CreateEndpointFailure =
  | EndpointUrlFailure
  | { readonly kind: "too_many_endpoints"; readonly most: number };

export async function createEndpoint(
  platform: Platform,
  books: Books,
  command: CreateEndpointCommand,
): Promise<Result<Answered, CreateEndpointFailure | KeyFailure>> {
  const { accountId } = books.account;
  const why = platform.sender.refusal(command.url);
  if (why !== null) return fail({ kind: "endpoint_url_refused", why });
  const create = async (tx: Parameters<typeof lockAccount>[0]) => {
    await lockAccount(tx, accountId);
    const { most } = ENDPOINTS;
    if ((await countEndpoints(tx, accountId)) >= most)
      return fail({ kind: "too_many_endpoints", most } as const);
    const secret = newWebhookSecret(platform.world.random);
    const endpoint = newEndpoint(platform, books, command);
    const encrypted = platform.cipher.encrypt(secret, secretContext(accountId, endpoint.endpointId));
    await insertEndpoint(tx, { ...endpoint, secret: encrypted });
    return ok(command.present(endpoint, secret));
  };
  return await once<CreateEndpointFailure>(platform, accountId, command.keyed, create, { seal: true });
}

function newEndpoint(platform: Platform, books: Books, command: CreateEndpointCommand): Endpoint {
  const { url, events, enabled } = command;
  const createdAt = books.now();
  return {
    accountId: books.account.accountId,
    endpointId: newEndpointId({ at: createdAt, random: platform.world.random }),
    url,
    events,
    enabled,
    disabledReason: enabled ? null : "merchant",
    failingSince: null,
    fromEnvironment: false,
    previousSecretUntil: null,
    createdAt,
  };
}
