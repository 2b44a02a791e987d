/**
 * Decimal numbers, exactly: never a float. Amounts arrive as JSON numbers or as decimal strings, are compared as they
 * are written, and leave as whole minor units. Contract section 2, "Money".
 */
import { isRawNumber, type RawJSON } from "./json.ts";

/** The value is ±digits × 10^exponent, `digits` without zeros at either end, and "0" for zero. */
export interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
  /** How many decimals count: of a text those written ("1.50" has 2), of a JSON number those that it needs (1.50 has 1). */
  readonly decimals: number;
}

/** Any exponent beyond this is taken for this: still far beyond every bound, and safe to calculate with. */
const EXPONENT_MAX = 1e15;

/** At most this many digits of minor units, so that every amount fits PostgreSQL's bigint. */
const MINOR_DIGITS_MAX = 18;

const NUMERIC = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:e([+-]?\d+))?$/i;

/**
 * Reads a JSON number by its value and a string by its text. Numeric is what PHP's `is_numeric` takes: blanks around,
 * a sign, "5.", ".5", "1e3"; no hexadecimal, no separators, no "Infinity". Undefined for everything else.
 */
export function parseDecimal(value: string | number | RawJSON): Decimal | undefined {
  if (typeof value === "string") return parseText(value.trim(), true);
  return parseText(typeof value === "number" ? String(value) : value.rawJSON, false);
}

/** The same for a value of unknown type. Booleans, null, arrays and objects are no numbers. */
export function decimalOf(value: unknown): Decimal | undefined {
  return typeof value === "string" || typeof value === "number" || isRawNumber(value)
    ? parseDecimal(value)
    : undefined;
}

function parseText(text: string, asWritten: boolean): Decimal | undefined {
  const parts = NUMERIC.exec(text);
  if (!parts) return undefined;
  const [, sign, whole = "", decimals = "", bareDecimals = "", power = "0"] = parts;
  const fraction = decimals + bareDecimals;
  const shift = Math.max(-EXPONENT_MAX, Math.min(EXPONENT_MAX, Number(power)));
  const written = Math.max(0, fraction.length - shift);
  const { digits, exponent } = withoutOuterZeros(whole + fraction, shift - fraction.length);
  return {
    negative: sign === "-" && digits !== "0",
    digits,
    exponent,
    decimals: asWritten ? written : Math.max(0, -exponent),
  };
}

function withoutOuterZeros(all: string, exponent: number): { digits: string; exponent: number } {
  // Counted by hand: /0+$/ takes quadratic time on long runs of zeros that do not stand at the end.
  let end = all.length;
  while (end > 0 && all[end - 1] === "0") end--;
  let start = 0;
  while (start < end && all[start] === "0") start++;
  return start === end
    ? { digits: "0", exponent: 0 }
    : { digits: all.slice(start, end), exponent: exponent + all.length - end };
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`, by exact value. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  const size = compareSizes(a, b);
  return a.negative ? -size : size;
}

function compareSizes(a: Decimal, b: Decimal): number {
  if (a.digits === "0" || b.digits === "0") return Number(a.digits !== "0") - Number(b.digits !== "0");
  const magnitude = a.digits.length + a.exponent - (b.digits.length + b.exponent);
  if (magnitude !== 0) return magnitude;
  // Same magnitude and no zeros at the ends: the order of the texts is the order of the values.
  return a.digits < b.digits ? -1 : Number(a.digits > b.digits);
}

/** One spelling for each value: 1, 1.0 and 1e0 are "1"; 0.50 is "5e-1". For comparing, not for showing. */
export function canonicalDecimal(value: Decimal): string {
  const sign = value.negative ? "-" : "";
  if (value.exponent >= 0 && value.exponent + value.digits.length <= 15) {
    return sign + value.digits + "0".repeat(value.exponent);
  }
  return `${sign}${value.digits}e${value.exponent}`;
}

/** Whole minor units of a currency with `minorDigits` decimals, or why there are none. Nothing is ever rounded. */
export function decimalToMinor(
  value: Decimal,
  minorDigits: number,
): { readonly minor: bigint } | { readonly failure: "too_many_decimals" | "out_of_range" } {
  if (value.decimals > minorDigits) return { failure: "too_many_decimals" };
  if (value.digits === "0") return { minor: 0n };
  const zeros = value.exponent + minorDigits;
  if (value.digits.length + zeros > MINOR_DIGITS_MAX) return { failure: "out_of_range" };
  const minor = BigInt(value.digits + "0".repeat(zeros));
  return { minor: value.negative ? -minor : minor };
}

/** Minor units as a decimal string with exactly `minorDigits` decimals: (8000n, 2) is "80.00", (80n, 0) is "80". */
export function minorToDecimal(minor: bigint, minorDigits: number): string {
  const negative = minor < 0n;
  const digits = String(negative ? -minor : minor).padStart(minorDigits + 1, "0");
  const point = digits.length - minorDigits;
  const text = minorDigits === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return negative ? `-${text}` : text;
}
