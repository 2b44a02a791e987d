/** Where Mintro tells the shop what happened. Nothing else in the shop hands out goods. */
import { verifyWebhook, type WebhookEvent } from "@mintro/sdk/webhooks";
import type { RequestHandler } from "express";
import type { Orders } from "./orders.ts";

/** Stands behind `express.raw()`: what is signed are the bytes as they came. */
export function webhooks(orders: Orders, secret: string): RequestHandler {
  return (request, response) => {
    let event: WebhookEvent;
    try {
      event = verifyWebhook({ body: request.body, headers: request.headers, secret });
    } catch (error) {
      response.status(400).send(String(error));
      return;
    }
    // Where this throws, Express answers 500, and Mintro sends the event again.
    orders.once(event.id, () => take(event, orders));
    response.sendStatus(204);
  };
}

function take(event: WebhookEvent, orders: Orders): void {
  if (event.event !== "payment.succeeded") return; // nothing to do for this shop
  const orderId = orders.deliver(event.intent_id);
  if (orderId !== undefined) console.log(`delivered: order ${orderId}`);
}
