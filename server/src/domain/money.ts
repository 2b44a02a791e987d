/**
 * Money is a whole number of minor units with its currency, and never a float. On the wire it is a JSON number or a
 * decimal string on the way in, and a decimal string in the currency's ISO 4217 digits on the way out (contract
 * section 2, "Money"). The arithmetic of decimals is @mintro/contract/decimal's, the table of currencies its neighbour.
 */
import { type Currency, minorDigits } from "@mintro/contract/currencies";
import { decimalToMinor, minorToDecimal, parseDecimal } from "@mintro/contract/decimal";
import type { RawJSON } from "@mintro/contract/json";
import { fail, ok, type Result } from "../base/result.ts";

export { type Currency, parseCurrency } from "@mintro/contract/currencies";

/**
 * `out_of_range`: more than 18 digits of minor units, so that a sum still fits PostgreSQL's bigint.
 * `too_many_decimals`: a string counts by its text ("100.00" is refused for JPY), a JSON number by its value.
 */
export type MoneyFailure = "not_numeric" | "too_many_decimals" | "out_of_range";

/** Exact minor units, negative where the value is. What counts as numeric: see `parseDecimal`. */
export function toMinor(value: string | number | RawJSON, currency: Currency): Result<bigint, MoneyFailure> {
  const decimal = parseDecimal(value);
  if (!decimal) return fail("not_numeric");
  const converted = decimalToMinor(decimal, minorDigits(currency));
  return "minor" in converted ? ok(converted.minor) : fail(converted.failure);
}

/** "80.00" for 8000n USD, "80" for 80n JPY, "80.000" for 80000n KWD. */
export function formatMinor(minor: bigint, currency: Currency): string {
  return minorToDecimal(minor, minorDigits(currency));
}
