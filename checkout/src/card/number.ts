/**
 * The card number as it stands on the card: in groups of four, American Express 4-6-5, by what card-validator knows of
 * the brand.
 */
import { number } from "card-validator";
import { digitsOf } from "./digits.ts";

/** ISO/IEC 7812-1: no card number is longer. */
const MAX_DIGITS = 19;
const USUAL_GAPS = [4, 8, 12, 16];

export interface Brand {
  /** card-validator's word, `american-express`. */
  readonly type: string;
  /** What people call it, `American Express`. */
  readonly name: string;
  readonly gaps: readonly number[];
  readonly maxDigits: number;
  /** Digits of its security code. */
  readonly codeSize: number;
}

/** The brand of a number that may still be growing; null while it could be more than one, or none. */
export function brandOf(cardNumber: string): Brand | null {
  const digits = digitsOf(cardNumber);
  const card = digits === "" ? null : number(digits).card;
  if (card === null) return null;
  return {
    type: card.type,
    name: card.niceType,
    gaps: card.gaps,
    maxDigits: Math.max(...card.lengths),
    codeSize: card.code.size,
  };
}

/** Groups the digits of a number, and cuts off what no card of the brand has. */
export function shapeNumber(text: string): string {
  const brand = brandOf(text);
  const digits = digitsOf(text).slice(0, brand?.maxDigits ?? MAX_DIGITS);
  const gaps = brand?.gaps ?? USUAL_GAPS;
  let shaped = "";
  for (let index = 0; index < digits.length; index++) {
    shaped += gaps.includes(index) ? ` ${digits.charAt(index)}` : digits.charAt(index);
  }
  return shaped;
}
