/**
 * The cart is kept in a cookie: `id=<uuid>&lighthouse=2`. Each change gives it a new id, and the id becomes the order's.
 * So a double click on "Check out" makes one order, and another cart never reuses the payment of an earlier one.
 */
import { randomUUID } from "node:crypto";
import type { Request, Response } from "express";
import { type Line, PRODUCTS } from "./products.ts";

export type Cart = { readonly id: string; readonly lines: readonly Line[] };

export const QUANTITY_MAX = 20;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The cookie comes from the customer, so only known products in sound numbers are taken over. */
export function readCart(request: Request): Cart {
  const cookies = new URLSearchParams(request.headers.cookie?.replaceAll("; ", "&"));
  const kept = new URLSearchParams(cookies.get("cart") ?? "");
  const id = kept.get("id") ?? "";
  const lines = PRODUCTS.map((product) => ({ product, quantity: Number(kept.get(product.id)) }));
  return { id: UUID.test(id) ? id : randomUUID(), lines: lines.filter(isSound) };
}

export function keepCart(response: Response, lines: readonly Line[]): void {
  const kept = new URLSearchParams({ id: randomUUID() });
  for (const { product, quantity } of lines.filter(isSound)) kept.set(product.id, String(quantity));
  response.cookie("cart", kept.toString(), { httpOnly: true, sameSite: "lax" });
}

/** The cart's lines with `quantity` of a product; 0 takes it out. */
export function withQuantity({ lines }: Cart, productId: string, quantity: number): Line[] {
  return PRODUCTS.map((product) => {
    const before = lines.find((line) => line.product.id === product.id)?.quantity ?? 0;
    return { product, quantity: product.id === productId ? Math.min(quantity, QUANTITY_MAX) : before };
  });
}

function isSound({ quantity }: Line): boolean {
  return Number.isInteger(quantity) && quantity >= 1 && quantity <= QUANTITY_MAX;
}
