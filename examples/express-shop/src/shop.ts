/** The shop's routes: products, cart, and one page for each order. */
import { fileURLToPath } from "node:url";
import { BadRequestError, type Mintro, MintroError, ValidationError } from "@mintro/sdk";
import express, { type ErrorRequestHandler, type Express } from "express";
import { type Cart, keepCart, readCart, withQuantity } from "./cart.ts";
import type { Orders } from "./orders.ts";
import { cartPage, messagePage, orderPage, productsPage } from "./pages.ts";
import { decimal, totalOf } from "./products.ts";
import { webhooks } from "./webhooks.ts";

export type ShopOptions = {
  readonly mintro: Mintro;
  readonly orders: Orders;
  readonly webhookSecret: string;
  /** Where customers find the shop, such as `https://shop.example`. */
  readonly shopUrl: string;
};

const PUBLIC = fileURLToPath(new URL("../public", import.meta.url));

export function createShop({ mintro, orders, webhookSecret, shopUrl }: ShopOptions): Express {
  const shop = express();
  shop.post("/webhooks", express.raw({ type: "application/json" }), webhooks(orders, webhookSecret));
  shop.use(express.static(PUBLIC), express.urlencoded());
  shop.use((_request, response, next) => {
    response.set("cache-control", "no-store"); // pages show the customer's own cart and orders
    next();
  });

  shop.get("/", (request, response) => void response.send(productsPage(readCart(request))));
  shop.get("/cart", (request, response) => void response.send(cartPage(readCart(request))));
  shop.post("/cart", (request, response) => {
    const cart = readCart(request);
    keepCart(response, withQuantity(cart, request.body.product, Number(request.body.quantity)));
    response.redirect(303, "/cart");
  });

  shop.post("/checkout", async (request, response) => {
    const cart = readCart(request);
    const { name, email } = request.body;
    if (cart.lines.length === 0) return response.redirect(303, "/cart");
    if (orders.find(cart.id)) return response.redirect(303, `/orders/${cart.id}`);
    try {
      // One key for one order: after a double click or a lost answer there is still one payment.
      const params = { ...intentFor(cart, `${shopUrl}/orders/${cart.id}`), name, email };
      const intent = await mintro.intents.create(params, { idempotencyKey: cart.id });
      orders.add({ ...cart, intentId: intent.intent_id, paymentUrl: intent.payment_url });
      response.redirect(303, intent.payment_url);
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      response.status(422).send(cartPage(cart, { name, email, errors: error.errors }));
    }
  });

  // Customers come back here, paid or not. The address and its query prove nothing, as anybody can type them: ask.
  shop.get("/orders/:id", async (request, response, next) => {
    const order = orders.find(request.params.id);
    if (!order) return next();
    const { status } = await mintro.intents.get(order.intentId);
    const cart = readCart(request);
    const isOver = ["succeeded", "cancelled", "failed", "expired"].includes(status);
    if (isOver && cart.id === order.id) keepCart(response, status === "succeeded" ? [] : cart.lines);
    response.send(orderPage(order, status));
  });

  shop.post("/orders/:id/cancel", async (request, response, next) => {
    const order = orders.find(request.params.id);
    if (!order) return next();
    try {
      await mintro.intents.cancel(order.intentId);
    } catch (error) {
      if (!(error instanceof BadRequestError)) throw error; // paid in the meantime: the order's page says so
    }
    response.redirect(303, `/orders/${order.id}`);
  });

  shop.use((_request, response) => void response.status(404).send(messagePage("There is no such page")));
  shop.use(failed);
  return shop;
}

function intentFor(cart: Cart, orderUrl: string) {
  return {
    amount: decimal(totalOf(cart.lines)),
    currency: "USD",
    intent_type: "one_time",
    reference_id: cart.id,
    integration_type: "url",
    success_url: orderUrl,
    cancel_url: orderUrl,
    order_items: cart.lines.map(({ product, quantity }) => ({
      name: product.name,
      quantity,
      price: decimal(product.cents),
    })),
  } as const;
}

const failed: ErrorRequestHandler = (error, _request, response, next) => {
  console.error(error);
  if (response.headersSent) return next(error);
  const isPayment = error instanceof MintroError;
  const [status, text] = isPayment
    ? [502, "The payment service does not answer. Nothing was charged; please try again."]
    : [500, "Something went wrong on our side. Please try again."];
  response.status(status).send(messagePage("Sorry", text));
};
