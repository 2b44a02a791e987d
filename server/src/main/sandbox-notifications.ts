/** How the sandbox, which lives in the platform's process, and the platform share a secret, and how its notifications get here. */
import { assert } from "../base/assert.ts";
import type { Cipher } from "../base/cipher.ts";
import { NOTIFICATIONS } from "../base/limits.ts";
import type { World } from "../base/world.ts";
import { newWebhookSecret, type WebhookSecret } from "../domain/webhook-signature.ts";
import { hear } from "../flows/charges/hear.ts";
import type { Platform } from "../flows/platform.ts";
import { signNotification } from "../processors/sandbox/notifications.ts";
import { createOutbox, type Outbox, type OutboxWaits } from "../processors/sandbox/outbox.ts";

/** The first signs, all are good. Made from the secret key, so that nothing need be stored. */
export function sandboxSecrets(cipher: Cipher): readonly [WebhookSecret, ...WebhookSecret[]] {
  const [first, ...others] = cipher.derive("sandbox notifications").map((key) => newWebhookSecret(() => key));
  assert(first, "the present key gives a secret");
  return [first, ...others];
}

/**
 * No network is between the two, so a notification, signed as any other, is handed to what the route for it calls. So it
 * also reaches a process that serves no requests, and whatever address, proxy or certificate the platform has.
 */
export function notifySandboxNews(options: {
  readonly cipher: Cipher;
  readonly world: World;
  /** Where they differ from NOTIFICATIONS. */
  readonly waits?: Partial<OutboxWaits> | undefined;
  readonly stopping: AbortSignal;
  /** Asked for when there is something to tell. */
  readonly platform: () => Platform;
}): { readonly secrets: readonly WebhookSecret[]; readonly outbox: Outbox } {
  const { cipher, world, waits, stopping, platform } = options;
  const secrets = sandboxSecrets(cipher);
  const outbox = createOutbox({
    waits: { ...NOTIFICATIONS, ...waits },
    stopping,
    async post(news) {
      const { headers, body } = signNotification(news, { secret: secrets[0], at: world.now() });
      try {
        const heard = await hear(platform(), "sandbox", {
          accountId: null,
          headers,
          body: Buffer.from(body),
        });
        return heard.kind !== "not_known_yet";
      } catch (error) {
        platform().log.debug({ err: error }, "a notification of the sandbox was not taken");
        return false;
      }
    },
  });
  return { secrets, outbox };
}
