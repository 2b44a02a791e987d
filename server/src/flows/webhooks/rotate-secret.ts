/**
 * Gives an endpoint a new signing secret; the one before signs beside it for 24 hours of wall time, however often it is
 * rotated meanwhile: whoever lost the answer and asks again must not lose the secret that their receiver knows.
 */
import { plusMs } from "../../base/instant.ts";
import { ENDPOINTS } from "../../base/limits.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Books } from "../../domain/account.ts";
import type { EndpointId } from "../../domain/ids.ts";
import type { Endpoint } from "../../domain/webhook.ts";
import { newWebhookSecret, type WebhookSecret } from "../../domain/webhook-signature.ts";
import { findEndpoint, lockSecrets, rotateEndpointSecret } from "../../store/webhooks.ts";
import { type Answered, type Keyed, type KeyFailure, once } from "../once.ts";
import type { Platform } from "../platform.ts";
import type { EndpointMissing } from "./change-endpoint.ts";
import { secretContext } from "./deliver.ts";

export type RotateSecretFailure =
  | EndpointMissing
  /** As many secrets sign as may. */
  | { readonly kind: "too_many_secrets"; readonly most: number };

export async function rotateSecret(
  platform: Platform,
  { account: { accountId } }: Books,
  command: {
    readonly endpointId: EndpointId;
    readonly keyed: Keyed | null;
    readonly present: (endpoint: Endpoint, secret: WebhookSecret) => string;
  },
): Promise<Result<Answered, RotateSecretFailure | KeyFailure>> {
  const { endpointId, keyed, present } = command;
  return await once<RotateSecretFailure>(
    platform,
    accountId,
    keyed,
    async (tx) => {
      const signing = await lockSecrets(tx, accountId, endpointId, platform.world.now());
      if (signing === null) return fail({ kind: "endpoint_not_found" });
      const { secrets: most } = ENDPOINTS;
      if (signing >= most) return fail({ kind: "too_many_secrets", most });
      // Read where the row is held: of two rotations at once, the second begins its 24 hours when the first is done.
      const wall = platform.world.now();
      const made = newWebhookSecret(platform.world.random);
      const secret = platform.cipher.encrypt(made, secretContext(accountId, endpointId));
      const until = plusMs(wall, ENDPOINTS.overlapMs);
      await rotateEndpointSecret(tx, accountId, endpointId, { secret, wall, until });
      const endpoint = await findEndpoint(tx, accountId, endpointId);
      return endpoint ? ok(present(endpoint, made)) : fail({ kind: "endpoint_not_found" });
    },
    { seal: true },
  );
}
