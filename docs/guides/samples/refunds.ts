/** What the guide to refunds shows: in part, of one renewal, and what the events mean for an order. */
// oxlint-disable typescript/switch-exhaustiveness-check -- a receiver leaves alone what it does not know
import type { Mintro, Refund } from "@mintro/sdk";
import type { WebhookEvent } from "@mintro/sdk/webhooks";

/** `key` is the id of the shop's own record of this refund, so that it is made once. */
export async function refundPart(
  mintro: Mintro,
  refund: { intentId: string; amount: string; reason: string; key: string },
): Promise<Refund> {
  const { intentId, amount, reason, key } = refund;
  return await mintro.refunds.create(intentId, { amount, reason }, { idempotencyKey: key });
}

export async function refundNewestCycle(
  mintro: Mintro,
  intentId: string,
): Promise<Refund | null> {
  const { charges } = await mintro.intents.get(intentId);
  // The newest is the first.
  const paid = charges.find((charge) => charge.status === "succeeded");
  return paid ? await mintro.refunds.create(intentId, { charge_id: paid.charge_id }) : null;
}

/** What the shop does about its own order. */
export interface Orders {
  refunded(intentId: string, amount: string, currency: string): Promise<void>;
  lookAt(intentId: string, why: string): Promise<void>;
}

export async function onRefundEvent(orders: Orders, event: WebhookEvent): Promise<void> {
  switch (event.event) {
    case "payment.refunded":
      if (event.reason === "late_success") return; // an attempt that never paid the order
      await orders.refunded(event.intent_id, event.amount, event.currency);
      break;
    case "refund.failed":
      await orders.lookAt(event.intent_id, event.message); // nothing was given back
      break;
  }
}
