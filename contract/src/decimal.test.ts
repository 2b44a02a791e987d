import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalDecimal, compareDecimals, type Decimal, parseDecimal } from "./decimal.ts";

function decimal(text: string): Decimal {
  const read = parseDecimal(text);
  if (!read) throw new Error(`no number: ${text}`);
  return read;
}

describe("what is numeric", () => {
  test.each([
    "0",
    "1",
    "-1",
    "+5",
    ".5",
    "5.",
    "007",
    "1e3",
    "1E+3",
    "1.5e-3",
    " 80 ",
    "\t80\n",
    "-0",
    "1e999999999999999999999",
  ])("%j is", (text) => {
    expect(parseDecimal(text)).toBeDefined();
  });

  test.each([
    "",
    " ",
    ".",
    "-",
    "+",
    "e3",
    "1e",
    "1e+",
    "0x1A",
    "1_000",
    "1,5",
    "1 000",
    "Infinity",
    "NaN",
    "--1",
    "1.2.3",
    "٣",
    "１",
  ])("%j is not", (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });

  test("nor are the numbers that JSON does not have", () => {
    expect(parseDecimal(Number.NaN)).toBeUndefined();
    expect(parseDecimal(Number.POSITIVE_INFINITY)).toBeUndefined();
    expect(parseDecimal(JSON.rawJSON("true"))).toBeUndefined();
  });
});

describe("how many decimals count", () => {
  test.each([
    ["1", 0],
    ["1.50", 2],
    ["100.00", 2],
    ["1.500e2", 1],
    ["1e-2", 2],
    ["1e3", 0],
    ["5.", 0],
    [".05", 2],
    ["0.000", 3],
  ])("of the text %s those written: %i", (text, count) => {
    expect(parseDecimal(text)?.decimals).toBe(count);
  });

  test.each([
    ["1.50", 1],
    ["100.00", 0],
    ["1.500e2", 0],
    ["1e-2", 2],
    ["0.000", 0],
    ["0.10", 1],
  ])("of the JSON number %s those it needs: %i", (source, count) => {
    expect(parseDecimal(JSON.rawJSON(source))?.decimals).toBe(count);
    expect(parseDecimal(Number(source))?.decimals).toBe(count);
  });
});

describe("comparing by exact value", () => {
  const part = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 12 }));
  const text = ([units, places]: [bigint, number]): string => `${units}e-${places}`;
  const scaled = ([units, places]: [bigint, number]): bigint => units * 10n ** BigInt(12 - places);

  test("agrees with whole-number arithmetic", () => {
    fc.assert(
      fc.property(part, part, (a, b) => {
        const difference = scaled(a) - scaled(b);
        const expected = difference === 0n ? 0 : difference < 0n ? -1 : 1;
        expect(Math.sign(compareDecimals(decimal(text(a)), decimal(text(b))))).toBe(expected);
        expect(canonicalDecimal(decimal(text(a))) === canonicalDecimal(decimal(text(b)))).toBe(
          expected === 0,
        );
      }),
    );
  });

  test.each([
    ["99999999.99", "99999999.990000000000000000001", -1],
    ["1e400", "1e401", -1],
    ["-1e400", "1", -1],
    ["1e-400", "0", 1],
    ["-0", "0", 0],
    ["0.1", "0.10", 0],
    ["12", "123", -1],
    ["9", "10", -1],
  ])("%s to %s", (a, b, order) => {
    expect(Math.sign(compareDecimals(decimal(a), decimal(b)))).toBe(order);
    expect(Math.sign(compareDecimals(decimal(b), decimal(a)))).toBe(order === 0 ? 0 : -order);
  });

  test("a megabyte of digits or zeros is read in linear time", () => {
    const started = performance.now();
    for (const long of ["9".repeat(1_000_000), `1${"0".repeat(1_000_000)}1`, `1e${"9".repeat(1_000_000)}`]) {
      expect(compareDecimals(decimal(long), decimal("99999999.99"))).toBeGreaterThan(0);
    }
    expect(performance.now() - started).toBeLessThan(500);
  });
});
