/**
 * Checks a typed card before anything is charged (contract section 3). The page checks too, but only to help; what
 * counts is decided here. Every wrong field is named at once.
 */
import type { CardErrors, CardInput } from "@mintro/contract/checkout";
import { type Instant, MICROS_PER_MS } from "../../base/instant.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { findTestCard, type TestCard } from "./cards.ts";

/** What may be known of a card once it has been read: never its number, never its code. */
export type CheckedCard = TestCard & {
  readonly last4: string;
  readonly expMonth: number;
  readonly expYear: number;
};

type Problem = NonNullable<CardErrors[keyof CardInput]>;

const NAME_CHARS_MAX = 255;

/** `now` is wall time: a card serves to the end of its month, in UTC. */
export function checkCard(card: CardInput, now: Instant): Result<CheckedCard, CardErrors> {
  const number = checkNumber(card.number);
  const expiry = checkExpiry(card.expiry, now);
  const name = checkName(card.name);
  const cvc = checkCode(card.cvc);
  if (number.ok && expiry.ok && name === undefined && cvc === undefined)
    return ok({ ...number.value, ...expiry.value });
  return fail({
    ...(name && { name }),
    ...(number.ok ? {} : { number: number.failure }),
    ...(expiry.ok ? {} : { expiry: expiry.failure }),
    ...(cvc && { cvc }),
  });
}

function checkNumber(text: string): Result<TestCard & { last4: string }, Problem> {
  if (text.trim() === "") return fail("required");
  const digits = text.replace(/[\s-]/g, "");
  // ISO/IEC 7812-1: at most 19 digits, the last one a check digit. No brand's numbers are shorter than 12.
  if (!/^\d{12,19}$/.test(digits) || !hasCheckDigit(digits)) return fail("invalid");
  const card = findTestCard(digits);
  return card ? ok({ ...card, last4: digits.slice(-4) }) : fail("not_a_test_card");
}

/** Luhn's formula, ISO/IEC 7812-1 annex B. */
function hasCheckDigit(digits: string): boolean {
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, place) => {
      const weighted = Number(digit) * (place % 2 === 0 ? 1 : 2);
      return total + (weighted > 9 ? weighted - 9 : weighted);
    }, 0);
  return sum % 10 === 0;
}

function checkExpiry(text: string, now: Instant): Result<{ expMonth: number; expYear: number }, Problem> {
  const trimmed = text.trim();
  if (trimmed === "") return fail("required");
  const parts = /^(\d{2})\s*\/\s*(\d{4}|\d{2})$/.exec(trimmed);
  const expMonth = Number(parts?.[1]);
  if (!parts || expMonth < 1 || expMonth > 12) return fail("invalid");
  const year = parts[2] ?? "";
  const expYear = year.length === 2 ? 2000 + Number(year) : Number(year);
  const today = new Date(Number(now / MICROS_PER_MS));
  const monthsLeft = (expYear - today.getUTCFullYear()) * 12 + expMonth - (today.getUTCMonth() + 1);
  return monthsLeft < 0 ? fail("expired") : ok({ expMonth, expYear });
}

/** Any three or four digits: the sandbox knows no code that would be wrong. */
function checkCode(text: string): Problem | undefined {
  const code = text.trim();
  if (code === "") return "required";
  return /^\d{3,4}$/.test(code) ? undefined : "invalid";
}

function checkName(text: string): Problem | undefined {
  const name = text.trim();
  if (name === "") return "required";
  return Array.from(name).length <= NAME_CHARS_MAX && name.isWellFormed() && !name.includes("\0")
    ? undefined
    : "invalid";
}
