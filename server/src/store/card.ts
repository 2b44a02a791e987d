/** The five columns in which charges and subscriptions keep a saved card: the processor's token, and what may be shown. */
import type { SavedCard } from "../domain/charge.ts";
import { sql } from "./sql.ts";

export type CardColumns = {
  readonly method_token: string;
  readonly card_brand: string;
  readonly card_last4: string;
  readonly card_exp_month: number;
  readonly card_exp_year: number;
};

export const cardColumns = sql`method_token, card_brand, card_last4, card_exp_month, card_exp_year`;

/** The values, in the order of `cardColumns`. */
export function cardValues(card: SavedCard) {
  return sql`${card.token}, ${card.brand}, ${card.last4}, ${card.expMonth}, ${card.expYear}`;
}

export function cardOf(row: CardColumns): SavedCard {
  return {
    token: row.method_token,
    brand: row.card_brand,
    last4: row.card_last4,
    expMonth: row.card_exp_month,
    expYear: row.card_exp_year,
  };
}
