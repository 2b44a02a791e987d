import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Currency, minorDigits } from "./currencies.ts";
import { decimalToMinor, minorToDecimal, parseDecimal } from "./decimal.ts";

function toMinor(value: Parameters<typeof parseDecimal>[0], code: Currency) {
  const decimal = parseDecimal(value);
  return decimal ? decimalToMinor(decimal, minorDigits(code)) : { failure: "not_numeric" };
}

/** One of each number of digits. */
const currency = fc.constantFrom<Currency>("JPY", "USD", "KWD", "CLF");
const minor = fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n });

describe("amounts are read exactly", () => {
  test.each<[string | number, Currency, bigint]>([
    [80, "USD", 8000n],
    [80.5, "USD", 8050n],
    [0.07, "USD", 7n],
    [1.15, "USD", 115n],
    [4.35, "USD", 435n],
    [99999999.99, "USD", 9_999_999_999n],
    ["80", "USD", 8000n],
    ["80.5", "USD", 8050n],
    [" +80.50 ", "USD", 8050n],
    ["1e3", "JPY", 1000n],
    [".5", "USD", 50n],
    ["-0.01", "USD", -1n],
    ["-0", "USD", 0n],
    ["1.234", "KWD", 1234n],
    ["999999999999999999", "JPY", 999_999_999_999_999_999n],
  ])("%j %s is %s", (value, code, units) => {
    expect(toMinor(value, code)).toEqual({ minor: units });
  });

  test("a JSON number counts by its value, a text by its decimals", () => {
    expect(toMinor(JSON.rawJSON("100.00"), "JPY")).toEqual({ minor: 100n });
    expect(toMinor("100.00", "JPY")).toEqual({ failure: "too_many_decimals" });
    expect(toMinor(JSON.rawJSON("0.100"), "USD")).toEqual({ minor: 10n });
    expect(toMinor("0.100", "USD")).toEqual({ failure: "too_many_decimals" });
  });

  test.each<[string | number, Currency, string]>([
    ["1.001", "USD", "too_many_decimals"],
    [0.001, "USD", "too_many_decimals"],
    [0.5, "JPY", "too_many_decimals"],
    ["1e-3", "USD", "too_many_decimals"],
    ["0x10", "USD", "not_numeric"],
    ["", "USD", "not_numeric"],
    ["1,00", "USD", "not_numeric"],
    [Number.NaN, "USD", "not_numeric"],
    [1e300, "USD", "out_of_range"],
    ["1e999999999999", "USD", "out_of_range"],
    ["1000000000000000000", "JPY", "out_of_range"],
  ])("%j %s is refused: %s", (value, code, failure) => {
    expect(toMinor(value, code)).toEqual({ failure });
  });

  test("nothing is ever rounded: one digit more than the currency has is refused, whatever it is", () => {
    const digit = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(minor, currency, digit, (units, code, extra) => {
        const text = minorToDecimal(units, minorDigits(code));
        const longer = text.includes(".") ? `${text}${extra}` : `${text}.${extra}`;
        expect(toMinor(longer, code)).toEqual({ failure: "too_many_decimals" });
      }),
    );
  });

  test("what is written is read back to the same", () => {
    fc.assert(
      fc.property(minor, currency, (units, code) => {
        const text = minorToDecimal(units, minorDigits(code));
        expect(toMinor(text, code)).toEqual({ minor: units });
        expect(text.split(".")[1]?.length ?? 0).toBe(minorDigits(code));
      }),
    );
  });
});
