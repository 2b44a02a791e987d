/** The shop's pages, as HTML. They work without a script; only the waiting page has one, to look again by itself. */
import { type Cart, QUANTITY_MAX } from "./cart.ts";
import { type Html, html } from "./html.ts";
import type { Order } from "./orders.ts";
import { decimal, type Line, PRODUCTS, totalOf } from "./products.ts";

/** What the customer typed, and what Mintro found wrong with it. */
export type CustomerForm = {
  readonly name?: string;
  readonly email?: string;
  readonly errors?: Readonly<Record<string, readonly string[]>>;
};

export function productsPage(cart: Cart): string {
  const cards = PRODUCTS.map(
    ({ id, name, description, cents }) => html`<li class="card">
      <img src="/${id}.svg" alt="" width="300" height="400">
      <h2>${name}</h2>
      <p>${description}</p>
      <form method="post" action="/cart">
        <strong>$${decimal(cents)}</strong>
        <input type="hidden" name="product" value="${id}">
        <input type="hidden" name="quantity" value="${quantityIn(cart, id) + 1}">
        <button aria-label="Add to cart: ${name}">Add to cart</button>
      </form>
    </li>`,
  );
  return page("Prints of the harbour", html`<ul class="cards">${cards}</ul>`, cart);
}

export function cartPage(cart: Cart, form: CustomerForm = {}): string {
  if (cart.lines.length === 0)
    return page("Your cart is empty", html`<p><a class="button" href="/">See the prints</a></p>`, cart);
  const rows = cart.lines.map(
    ({ product, quantity }) => html`<li>
      <img src="/${product.id}.svg" alt="" width="48" height="64">
      <span>${product.name}<small>$${decimal(product.cents)} each</small></span>
      <span class="quantity">
        ${quantityButton(product.id, quantity - 1, "–", `One less of ${product.name}`)}
        <span>${quantity}</span>
        ${quantityButton(product.id, quantity + 1, "+", `One more of ${product.name}`)}
      </span>
      <strong>$${decimal(product.cents * quantity)}</strong>
    </li>`,
  );
  return page(
    "Your cart",
    html`<ul class="lines">${rows}</ul>
      <p class="total"><span>Total</span> <strong>$${decimal(totalOf(cart.lines))}</strong></p>
      <form method="post" action="/checkout" class="customer">
        ${field("name", "Name", "text", form)}
        ${field("email", "E-mail", "email", form)}
        <button>Check out</button>
      </form>`,
    cart,
  );
}

/** How an order stands: the title, a sentence, and whether the page should look again by itself. */
function standOf(order: Order, status: string): { title: string; text: string; waits?: true } {
  if (order.deliveredAt !== null)
    return {
      title: "Thank you",
      text: "Your prints are on their way to you. This order has been delivered to the post.",
    };
  switch (status) {
    case "succeeded":
      return { title: "Thank you", text: "Your payment has come. We are packing your prints.", waits: true };
    case "processing":
    case "requires_action":
      return { title: "One moment", text: "Your payment is being processed.", waits: true };
    case "requires_payment":
      return { title: "Not paid yet", text: "Nothing was charged. You can still pay for this order." };
    case "cancelled":
      return { title: "Cancelled", text: "Nothing was charged, and this order cannot be paid any more." };
    default:
      return { title: "Not paid", text: "This order can no longer be paid. Your cart is still there." };
  }
}

export function orderPage(order: Order, status: string): string {
  const { title, text, waits } = standOf(order, status);
  const rows = order.lines.map(
    ({ product, quantity }) => html`<li>
      <img src="/${product.id}.svg" alt="" width="48" height="64">
      <span>${product.name}<small>${quantity} × $${decimal(product.cents)}</small></span>
      <strong>$${decimal(product.cents * quantity)}</strong>
    </li>`,
  );
  const choices = html`<div class="choices">
    <a class="button" href="${order.paymentUrl}">Pay now</a>
    <form method="post" action="/orders/${order.id}/cancel"><button class="quiet">Cancel the order</button></form>
  </div>`;
  const isGone = status !== "requires_payment" && status !== "succeeded" && !waits;
  return page(
    title,
    html`<p role="status">${text}</p>
      ${status === "requires_payment" && choices}
      ${isGone && html`<p><a class="button" href="/cart">Back to your cart</a></p>`}
      <ul class="lines">${rows}</ul>
      <p class="total"><span>Total</span> <strong>$${decimal(totalOf(order.lines))}</strong></p>
      <p class="small">Order ${order.id}</p>
      ${waits && html`<script src="/wait.js"></script>`}`,
  );
}

export function messagePage(title: string, text = ""): string {
  return page(title, html`<p>${text}</p><p><a href="/">Back to the shop</a></p>`);
}

function page(title: string, content: Html, cart?: Cart): string {
  const count = cart?.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return `<!doctype html>${
    html`<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · Harbour Prints</title>
    <link rel="stylesheet" href="/shop.css">
    <link rel="icon" href="/moon.svg">
  </head>
  <body>
    <header><a class="name" href="/">Harbour Prints</a><a href="/cart">Cart${count ? ` (${count})` : ""}</a></header>
    <main><h1>${title}</h1>${content}</main>
  </body>
</html>`.text
  }`;
}

function quantityIn(cart: Cart, productId: string): number {
  return cart.lines.find(({ product }: Line) => product.id === productId)?.quantity ?? 0;
}

function quantityButton(product: string, quantity: number, sign: string, label: string): Html {
  return html`<form method="post" action="/cart">
    <input type="hidden" name="product" value="${product}">
    <input type="hidden" name="quantity" value="${quantity}">
    <button class="quiet" ${quantity > QUANTITY_MAX && "disabled"}>
      <span aria-hidden="true">${sign}</span><span class="unseen">${label}</span>
    </button>
  </form>`;
}

function field(name: "name" | "email", label: string, type: string, form: CustomerForm): Html {
  const error = form.errors?.[name]?.join(" ");
  return html`<label>${label}
    <input name="${name}" type="${type}" autocomplete="${name}" required value="${form[name]}"
      ${error && html`aria-invalid="true" aria-describedby="${name}-error"`}>
    ${error && html`<span class="error" id="${name}-error">${error}</span>`}
  </label>`;
}
