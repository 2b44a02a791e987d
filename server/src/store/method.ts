/** The columns in which charges and subscriptions keep a saved method: the processor's token, and what may be shown. */
import { assert } from "../base/assert.ts";
import type { PaymentMethod } from "../domain/charge.ts";
import { sql } from "./sql.ts";

export type MethodColumns = {
  readonly method_token: string;
  readonly card_brand: string | null;
  readonly card_last4: string | null;
  readonly card_exp_month: number | null;
  readonly card_exp_year: number | null;
  readonly wallet: string | null;
};

export const methodColumns = sql`method_token, card_brand, card_last4, card_exp_month, card_exp_year, wallet`;

/** The values, in the order of `methodColumns`. */
export function methodValues(method: PaymentMethod) {
  return method.kind === "card"
    ? sql`${method.token}, ${method.brand}, ${method.last4}, ${method.expMonth}, ${method.expYear}, ${null}`
    : sql`${method.token}, ${null}, ${null}, ${null}, ${null}, ${method.name}`;
}

export function methodOf(row: MethodColumns): PaymentMethod {
  const token = row.method_token;
  if (row.wallet !== null) return { kind: "wallet", token, name: row.wallet };
  const { card_brand: brand, card_last4: last4, card_exp_month: expMonth, card_exp_year: expYear } = row;
  assert(
    brand !== null && last4 !== null && expMonth !== null && expYear !== null,
    "what is no wallet is a card, with all that may be shown of it",
  );
  return { kind: "card", token, brand, last4, expMonth, expYear };
}
