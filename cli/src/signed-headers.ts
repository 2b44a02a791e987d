/** The headers of one try, as the platform signs it: Standard Webhooks 1.0 (contract section 5). */
import { signWebhook, type WebhookSecret } from "@mintro/server/domain/webhook-signature";

export type ToSign = {
  readonly id: string;
  readonly body: string;
  readonly secret: WebhookSecret;
  /** Unix seconds; now if absent. */
  readonly timestamp?: number;
};

export function signedHeaders({
  id,
  body,
  secret,
  timestamp = unixSeconds(),
}: ToSign): Record<string, string> {
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signWebhook({ id, timestamp, body, secrets: [secret] }),
  };
}

export function unixSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
