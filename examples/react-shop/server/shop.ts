/** The shop's server: makes the payment for an order, says how it stands, and delivers when the webhook has come. */
import { BadRequestError, type Mintro, MintroError, ValidationError } from "@mintro/sdk";
import { verifyWebhook, type WebhookEvent } from "@mintro/sdk/webhooks";
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from "express";
import { PRODUCTS } from "../src/products.ts";
import type { Orders } from "./orders.ts";

export type ShopOptions = {
  readonly mintro: Mintro;
  readonly orders: Orders;
  readonly webhookSecret: string;
  /** The folder that `vite build` made. */
  readonly pages: string;
};

export function createShop({ mintro, orders, webhookSecret, pages }: ShopOptions): Express {
  const shop = express();
  // Before express.json(): what is signed are the bytes as they came.
  shop.post("/webhooks", express.raw({ type: "application/json" }), webhooks(orders, webhookSecret));
  shop.use(express.static(pages), express.json());

  shop.post("/api/orders", async (request, response) => {
    const { id, product: productId, name, email } = request.body ?? {};
    const product = PRODUCTS.find((each) => each.id === productId);
    if (!product) return refuse(response, 422, "Choose a coffee.");
    const known = orders.find(String(id));
    if (known) return answer(response, { paymentUrl: known.paymentUrl });
    const intent = await mintro.intents.create(
      {
        name,
        email,
        amount: product.price,
        currency: "USD",
        intent_type: "one_time",
        reference_id: id,
        integration_type: "iframe",
        order_items: [{ name: `${product.name}, 250 g`, quantity: 1, price: product.price }],
      },
      // One key for one order: after a double click or a lost answer there is still one payment.
      { idempotencyKey: String(id) },
    );
    orders.add({ id, intentId: intent.intent_id, paymentUrl: intent.payment_url });
    answer(response, { paymentUrl: intent.payment_url });
  });

  // The page has heard of a success from the frame. That proves nothing, so it asks here, and here Mintro is asked.
  shop.get("/api/orders/:id", async (request, response) => {
    const order = orders.find(request.params.id);
    if (!order) return refuse(response, 404, "There is no such order.");
    const { status } = await mintro.intents.get(order.intentId);
    answer(response, { status, delivered: order.delivered });
  });

  shop.post("/api/orders/:id/cancel", async (request, response) => {
    const order = orders.find(request.params.id);
    if (!order) return refuse(response, 404, "There is no such order.");
    const { status } = await mintro.intents.cancel(order.intentId);
    answer(response, { status, delivered: order.delivered });
  });

  shop.use(failed);
  return shop;
}

function webhooks(orders: Orders, secret: string): RequestHandler {
  return (request, response) => {
    let event: WebhookEvent;
    try {
      event = verifyWebhook({ body: request.body, headers: request.headers, secret });
    } catch (error) {
      response.status(400).send(String(error));
      return;
    }
    // Where this throws, Express answers 500, and Mintro sends the event again.
    orders.once(event.id, () => {
      if (event.event !== "payment.succeeded") return;
      const orderId = orders.deliver(event.intent_id);
      if (orderId !== undefined) console.log(`delivered: order ${orderId}`);
    });
    response.sendStatus(204);
  };
}

const failed: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) return next(error);
  if (error instanceof ValidationError)
    return refuse(response, 422, Object.values(error.errors).flat().join(" "));
  if (error instanceof BadRequestError) return refuse(response, 409, error.message); // paid, so not cancelled
  console.error(error);
  if (error instanceof MintroError)
    return refuse(
      response,
      502,
      "The payment service does not answer. Nothing was charged; please try again.",
    );
  refuse(response, 500, "Something went wrong on our side. Please try again.");
};

function answer(response: Response, body: object): void {
  response.json(body);
}

function refuse(response: Response, status: number, message: string): void {
  response.status(status).json({ message });
}
