/**
 * Whether a card can be sent: what the customer can put right is told at once, without asking the server. The server
 * judges again, and knows more (which cards the sandbox takes).
 */
import type { CardErrors, CardField, CardInput } from "@mintro/contract/checkout";
import { cardholderName, cvv, expirationDate, number } from "card-validator";
import { digitsOf, westernDigits } from "./digits.ts";
import { parseExpiry } from "./expiry.ts";
import { brandOf } from "./number.ts";

/** "Any future date" (contract section 3): card-validator's own limit is 19 years. */
const MAX_YEARS_AHEAD = 99;

/** The order of the fields on the page, and so of the errors. */
export const FIELDS: readonly CardField[] = ["number", "expiry", "cvc", "name"];

/**
 * The errors of a card as `cardToSend` gives it; empty when it may be sent.
 * @param testMode the sandbox takes any code, whatever the brand
 * @param today decides between a wrong date and an expired card
 */
export function validateCard(card: CardInput, testMode: boolean, today: Date): CardErrors {
  const errors: CardErrors = {};
  if (card.number.trim() === "") errors.number = "required";
  else if (!number(card.number).isValid) errors.number = "invalid";

  const expiry = expiryError(card.expiry, today);
  if (expiry !== null) errors.expiry = expiry;

  if (card.cvc.trim() === "") errors.cvc = "required";
  else if (!isCode(card.cvc, codeSizes(card.number, testMode))) errors.cvc = "invalid";

  if (card.name.trim() === "") errors.name = "required";
  else if (!cardholderName(card.name.trim()).isValid) errors.name = "invalid";
  return errors;
}

function expiryError(text: string, today: Date): "required" | "invalid" | "expired" | null {
  if (text.trim() === "") return "required";
  const expiry = parseExpiry(text);
  if (expiry === null) return "invalid";
  const { month, year } = expiry;
  const over = year - today.getFullYear() || month - (today.getMonth() + 1);
  if (over < 0) return "expired";
  return expirationDate({ month: String(month), year: String(year) }, MAX_YEARS_AHEAD).isValid
    ? null
    : "invalid";
}

function codeSizes(cardNumber: string, testMode: boolean): number[] {
  const brand = brandOf(cardNumber);
  return testMode || brand === null ? [3, 4] : [brand.codeSize];
}

/** card-validator takes 4 digits where 3 are wanted as soon as both are allowed lengths; so each length is asked alone. */
function isCode(code: string, sizes: readonly number[]): boolean {
  return sizes.some((size) => code.length === size && cvv(code, size).isValid);
}

/** What is judged and sent: digits alone, the expiry as `MM/YY` or `MM/YYYY` (contract/src/checkout.ts). */
export function cardToSend(card: CardInput): CardInput {
  return {
    name: card.name.trim(),
    number: digitsOf(card.number),
    expiry: westernDigits(card.expiry).replace(/\s/g, ""),
    cvc: digitsOf(card.cvc),
  };
}
