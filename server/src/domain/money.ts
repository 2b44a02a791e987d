/**
 * Money is a whole number of minor units with its currency, and never a float. On the way in a JSON number or a decimal
 * string becomes minor units where the body is validated (@mintro/contract/decimal); on the way out they are a decimal
 * string in the currency's ISO 4217 digits (contract section 2, "Money").
 */
import { type Currency, minorDigits } from "@mintro/contract/currencies";
import { minorToDecimal } from "@mintro/contract/decimal";

export { type Currency, parseCurrency } from "@mintro/contract/currencies";

/** "80.00" for 8000n USD, "80" for 80n JPY, "80.000" for 80000n KWD. */
export function formatMinor(minor: bigint, currency: Currency): string {
  return minorToDecimal(minor, minorDigits(currency));
}
