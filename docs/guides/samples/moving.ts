/** What the guide for those who come from Stripe Checkout shows: the same shop, paid through Mintro. */
// oxlint-disable typescript/switch-exhaustiveness-check -- a receiver leaves alone what it does not know
import { Mintro } from "@mintro/sdk";
import { verifyWebhook, type WebhookEvent } from "@mintro/sdk/webhooks";

type Line = { readonly name: string; readonly quantity: number; readonly cents: number };
export type Order = {
  readonly id: string;
  readonly customer: { readonly id: string; readonly email: string; readonly name: string };
  readonly lines: readonly Line[];
};

const mintro = new Mintro({
  baseUrl: process.env["MINTRO_URL"] ?? "http://localhost:3000",
  clientId: process.env["MINTRO_CLIENT_ID"] ?? "",
  clientSecret: process.env["MINTRO_CLIENT_SECRET"] ?? "",
});

const decimal = (cents: number) => (cents / 100).toFixed(2);

export async function checkOut(order: Order): Promise<string> {
  const total = order.lines.reduce((sum, { cents, quantity }) => sum + cents * quantity, 0);
  const intent = await mintro.intents.create({
    amount: decimal(total),
    currency: "USD",
    intent_type: "one_time",
    email: order.customer.email,
    name: order.customer.name,
    reference_id: order.id,
    customer_ref_id: order.customer.id,
    integration_type: "url",
    success_url: "https://shop.example.com/thanks",
    cancel_url: "https://shop.example.com/cart",
    order_items: order.lines.map(({ name, quantity, cents }) => ({
      name,
      quantity,
      price: decimal(cents),
    })),
  });
  return intent.payment_url;
}

export async function thanks(query: URLSearchParams): Promise<string> {
  const intent = await mintro.intents.get(query.get("intent_id") ?? "");
  return intent.status === "succeeded"
    ? `Thank you, ${intent.customer.name}.`
    : "We are waiting for your payment.";
}

/** The shop's own doings. `fulfil` is the one that its Stripe receiver calls too, and does its work once for each order. */
export interface Shop {
  readonly secret: string;
  fulfil(orderId: string): Promise<void>;
  extend(subscriptionId: string): Promise<void>;
  remind(subscriptionId: string, why: string): Promise<void>;
}

export async function mintroWebhook(shop: Shop, request: Request): Promise<Response> {
  let event: WebhookEvent;
  try {
    event = verifyWebhook({
      body: await request.text(),
      headers: request.headers,
      secret: shop.secret,
    });
  } catch (error) {
    return new Response(String(error), { status: 400 });
  }
  switch (event.event) {
    case "payment.succeeded":
      await shop.fulfil((await mintro.intents.get(event.intent_id)).reference_id);
      break;
    case "subscription.renewed":
      await shop.extend(event.subscription_id);
      break;
    case "subscription.failed":
      await shop.remind(event.subscription_id, event.message);
      break;
  }
  return new Response("ok");
}
