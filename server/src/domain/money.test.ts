import { describe, expect, test } from "vitest";
import { type Currency, formatMinor } from "./money.ts";

describe("minor units are written in the currency's digits", () => {
  test.each<[bigint, Currency, string]>([
    [8000n, "USD", "80.00"],
    [80n, "JPY", "80"],
    [80_000n, "KWD", "80.000"],
    [1n, "CLF", "0.0001"],
    [0n, "USD", "0.00"],
    [0n, "JPY", "0"],
    [5n, "USD", "0.05"],
    [-5n, "USD", "-0.05"],
    [-1234n, "EUR", "-12.34"],
    [9_999_999_999n, "USD", "99999999.99"],
  ])("%s %s is %s", (units, code, text) => {
    expect(formatMinor(units, code)).toBe(text);
  });
});
