import { describe, expect, test } from "vitest";
import { fill, fillCount, formatMoney, isZero } from "./language.ts";
import { MESSAGES } from "./messages/index.ts";

/** Intl separates with no-break spaces of several kinds. */
function plain(text: string): string {
  return text.replace(/[\u00a0\u202f]/g, " ");
}

describe("money", () => {
  test("is written in the manner of the language", () => {
    expect(formatMoney("80.00", "USD", "en")).toBe("$80.00");
    expect(plain(formatMoney("1234.50", "EUR", "de"))).toBe("1.234,50 €");
    expect(plain(formatMoney("1234.50", "EUR", "fr"))).toBe("1 234,50 €");
    expect(formatMoney("80", "JPY", "ja")).toBe("￥80");
  });

  test("shows as many decimals as the currency's string has", () => {
    expect(plain(formatMoney("80.000", "KWD", "en"))).toBe("KWD 80.000");
    expect(formatMoney("80", "JPY", "en")).toBe("¥80");
  });

  test("does not pass through a float", () => {
    expect(formatMoney("90071992547409.93", "USD", "en")).toBe("$90,071,992,547,409.93");
    expect(formatMoney("9999999999999999.99", "USD", "en")).toBe("$9,999,999,999,999,999.99");
  });

  test("carries its sign", () => {
    expect(formatMoney("-5.00", "USD", "en")).toBe("\u2212$5.00");
  });

  test("keeps the currency's Latin letters together in Arabic", () => {
    expect(formatMoney("80.00", "USD", "ar")).toContain("\u2068US$\u2069");
  });

  test("that is no number is shown as it came", () => {
    expect(formatMoney("eighty", "USD", "en")).toBe("eighty USD");
  });

  test("is nothing only when every digit is zero", () => {
    expect(["0", "0.00", "0.000", "-0.00"].every(isZero)).toBe(true);
    expect(["0.01", "10", "100.00", ""].some(isZero)).toBe(false);
  });
});

describe("texts", () => {
  test("take their values once, as they are", () => {
    expect(fill("Pay {merchant}", { merchant: "{amount} & $1 <b>" }, "en")).toBe("Pay {amount} & $1 <b>");
    expect(fill("Pay {merchant}", {}, "en")).toBe("Pay {merchant}");
  });

  test("isolate a value where it could reorder the sentence around it", () => {
    expect(fill("الدفع إلى {merchant}", { merchant: "Acme" }, "ar")).toBe("الدفع إلى \u2068Acme\u2069");
  });

  test("know the plurals of their language", () => {
    expect(fillCount(MESSAGES.en.app.every, 1, "en")).toBe("every day");
    expect(fillCount(MESSAGES.en.app.every, 30, "en")).toBe("every 30 days");
    expect(fillCount(MESSAGES.de.app.every, 1, "de")).toBe("jeden Tag");
    expect(fillCount(MESSAGES.ar.app.every, 2, "ar")).toBe("كل يومين");
    expect(fillCount(MESSAGES.ar.app.every, 7, "ar")).toContain("أيام");
    expect(fillCount(MESSAGES.ja.app.every, 30, "ja")).toBe("30日ごと");
  });
});
