/** Gives an endpoint a new signing secret; the one before signs beside it for 24 hours of wall time. */
import { plusMs } from "../../base/instant.ts";
import { ENDPOINTS } from "../../base/limits.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Books } from "../../domain/account.ts";
import type { EndpointId } from "../../domain/ids.ts";
import type { Endpoint } from "../../domain/webhook.ts";
import { newWebhookSecret, type WebhookSecret } from "../../domain/webhook-signature.ts";
import { findEndpoint, rotateEndpointSecret } from "../../store/webhooks.ts";
import { type Answered, type Keyed, type KeyFailure, once } from "../once.ts";
import type { Platform } from "../platform.ts";
import type { EndpointMissing } from "./change-endpoint.ts";
import { secretContext } from "./deliver.ts";

export async function rotateSecret(
  platform: Platform,
  { account: { accountId } }: Books,
  command: {
    readonly endpointId: EndpointId;
    readonly keyed: Keyed | null;
    readonly present: (endpoint: Endpoint, secret: WebhookSecret) => string;
  },
): Promise<Result<Answered, EndpointMissing | KeyFailure>> {
  const { endpointId, keyed, present } = command;
  return await once<EndpointMissing>(
    platform,
    accountId,
    keyed,
    async (tx) => {
      const made = newWebhookSecret(platform.world.random);
      const secret = platform.cipher.encrypt(made, secretContext(accountId, endpointId));
      const until = plusMs(platform.world.now(), ENDPOINTS.overlapMs);
      if (!(await rotateEndpointSecret(tx, accountId, endpointId, { secret, until })))
        return fail({ kind: "endpoint_not_found" });
      const endpoint = await findEndpoint(tx, accountId, endpointId);
      return endpoint ? ok(present(endpoint, made)) : fail({ kind: "endpoint_not_found" });
    },
    { seal: true },
  );
}
