import { describe, expect, test } from "vitest";
import { isCurrency, minorDigits, parseCurrency } from "./currencies.ts";

const LETTERS = Array.from({ length: 26 }, (_, at) => String.fromCharCode(65 + at));
const CODES = LETTERS.flatMap((a) => LETTERS.flatMap((b) => LETTERS.map((c) => `${a}${b}${c}`)));
const CURRENCIES = CODES.filter(isCurrency);

/** The standard's exceptions; all other codes have two digits. */
const DIGITS: Record<number, string> = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
};

describe("currencies are ISO 4217's of 2026", () => {
  test("165 codes have minor units", () => {
    expect(CURRENCIES).toHaveLength(165);
  });

  test("their digits are the standard's", () => {
    const exceptions = new Map(
      Object.entries(DIGITS).flatMap(([digits, codes]) =>
        codes.split(" ").map((code) => [code, Number(digits)]),
      ),
    );
    for (const code of CURRENCIES) {
      expect([code, minorDigits(code)]).toEqual([code, exceptions.get(code) ?? 2]);
    }
    expect([...exceptions.keys()].filter((code) => !isCurrency(code))).toEqual([]);
  });

  test.each(["USD", "usd", "Eur", "XCG", "ZWG", "SLE", "VES", "MRU", "STN", "TWD", "HUF", "MGA"])(
    "%s is accepted",
    (code) => {
      expect(parseCurrency(code)).toBe(code.toUpperCase());
    },
  );

  test.each([
    "BGN",
    "HRK",
    "ANG",
    "SLL",
    "ZWL",
    "CUC",
    "MRO",
    "STD",
    "VEF",
    "BYR",
    "LTL",
    "XXX",
    "XTS",
    "XAU",
    "XDR",
    "XBA",
    "ABC",
    "US",
    "USDT",
    "",
    " USD",
    "ınr",
    "uſd",
    "ßp",
    "__proto__",
    "toString",
  ])("%j is refused", (code) => {
    expect(parseCurrency(code)).toBeUndefined();
  });
});
