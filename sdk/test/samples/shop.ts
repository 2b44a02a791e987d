/** What the samples of receivers share: where an event is kept before it is answered, and worked on after. */
// oxlint-disable typescript/switch-exhaustiveness-check -- a receiver leaves alone what it does not know
import type { WebhookEvent } from "@mintro/sdk/webhooks";

export const secret = process.env["WEBHOOK_SECRET"] ?? "";

const kept = new Set<string>();

/** In production a table of yours with the event's id as its primary key. An event may come twice. */
export async function keep(event: WebhookEvent): Promise<void> {
  if (kept.has(event.id)) return;
  kept.add(event.id);
  work(event);
}

function work(event: WebhookEvent): void {
  switch (event.event) {
    case "payment.succeeded":
      process.stdout.write(`${event.intent_id} is paid by charge ${event.charge_id}\n`);
      break;
    case "subscription.failed":
      process.stdout.write(`${event.subscription_id} could not be renewed: ${event.message}\n`);
      break;
    default: // of later versions too
      process.stdout.write(`${event.event} ${event.id}\n`);
  }
}
