/** What the guide to webhooks shows beside its receiver: verifying without the SDK, and with an old secret still around. */
import { verifyWebhook, type WebhookEvent, type WebhookHeaders } from "@mintro/sdk/webhooks";
import { Webhook } from "standardwebhooks";

export function verifiedByLibrary(
  rawBody: string,
  headers: Record<string, string>,
  secret: string,
): unknown {
  return new Webhook(secret).verify(rawBody, headers); // throws if it is not Mintro's
}

export function verifiedByEither(
  body: string,
  headers: WebhookHeaders,
  secrets: string[],
): WebhookEvent {
  return verifyWebhook({ body, headers, secret: secrets });
}
