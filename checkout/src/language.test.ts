import { describe, expect, test } from "vitest";
import { fill, fillCount, formatMoment, formatMoney, isZero, unbroken } from "./language.ts";
import type { Locale, Preference } from "./locale.ts";
import { MESSAGES } from "./messages/index.ts";

function of(locale: Locale, formats: string = locale): Preference {
  return { locale, formats };
}

/** Intl separates with no-break spaces of several kinds. */
function plain(text: string): string {
  return text.replace(/[\u00a0\u202f]/g, " ");
}

describe("money", () => {
  test("is written in the manner of the language", () => {
    expect(formatMoney("80.00", "USD", of("en"))).toBe("$80.00");
    expect(plain(formatMoney("1234.50", "EUR", of("de")))).toBe("1.234,50 €");
    expect(plain(formatMoney("1234.50", "EUR", of("fr")))).toBe("1 234,50 €");
    expect(formatMoney("80", "JPY", of("ja"))).toBe("￥80");
  });

  test("is written in the manner of the region that the browser names, its text staying the language's", () => {
    expect(formatMoney("1234.50", "MXN", of("es", "es-MX"))).toBe("$1,234.50");
    expect(plain(formatMoney("1234.50", "EUR", of("es", "es-ES")))).toBe("1234,50 €");
    expect(plain(formatMoney("1234.50", "CHF", of("de", "de-CH")))).toMatch(/^CHF 1['’]234\.50$/);
    expect(formatMoney("1234567.00", "INR", of("en", "en-IN"))).toBe("₹12,34,567.00");
    expect(fillCount(MESSAGES.de.app.every, 30, of("de", "de-AT"))).toBe("alle 30 Tage");
  });

  test("shows as many decimals as the currency's string has", () => {
    expect(plain(formatMoney("80.000", "KWD", of("en")))).toBe("KWD 80.000");
    expect(formatMoney("80", "JPY", of("en"))).toBe("¥80");
  });

  test("does not pass through a float", () => {
    expect(formatMoney("90071992547409.93", "USD", of("en"))).toBe("$90,071,992,547,409.93");
    expect(formatMoney("9999999999999999.99", "USD", of("en"))).toBe("$9,999,999,999,999,999.99");
  });

  test("carries its sign", () => {
    expect(formatMoney("-5.00", "USD", of("en"))).toBe("\u2212$5.00");
  });

  test("keeps the currency's Latin letters together in Arabic", () => {
    expect(formatMoney("80.00", "USD", of("ar"))).toContain("\u2068US$\u2069");
  });

  test("that is no number is shown as it came", () => {
    expect(formatMoney("eighty", "USD", of("en"))).toBe("eighty USD");
  });

  test("is nothing only when every digit is zero", () => {
    expect(["0", "0.00", "0.000", "-0.00"].every(isZero)).toBe(true);
    expect(["0.01", "10", "100.00", ""].some(isZero)).toBe(false);
  });
});

test("a moment is written in the manner of the language and the region, by the calendar that everybody knows", () => {
  const noon = "2026-11-23T12:00:00.000000Z";
  expect(formatMoment(noon, of("en"))).toMatch(/^November 2\d, 2026 at \d+:\d\d.[AP]M$/);
  expect(formatMoment(noon, of("en", "en-GB"))).toMatch(/^2\d November 2026 at \d+:\d\d$/);
  expect(formatMoment(noon, of("ja"))).toMatch(/^2026年11月2\d日 \d+:\d\d$/);
  expect(formatMoment(noon, of("ar", "ar-SA"))).toContain("٢٠٢٦");
  expect(formatMoment("soon", of("en"))).toBe("soon");
});

describe("texts", () => {
  test("take their values once, as they are", () => {
    expect(fill("Pay {merchant}", { merchant: "{amount} & $1 <b>" }, "en")).toBe("Pay {amount} & $1 <b>");
    expect(fill("Pay {merchant}", {}, "en")).toBe("Pay {merchant}");
  });

  test("isolate a value where it could reorder the sentence around it", () => {
    expect(fill("الدفع إلى {merchant}", { merchant: "Acme" }, "ar")).toBe("الدفع إلى \u2068Acme\u2069");
  });

  test("can be kept on one line", () => {
    expect(unbroken("every 30 days")).toBe("every\u00a030\u00a0days");
  });

  test("know the plurals of their language", () => {
    expect(fillCount(MESSAGES.en.app.every, 1, of("en"))).toBe("every day");
    expect(fillCount(MESSAGES.en.app.every, 30, of("en"))).toBe("every 30 days");
    expect(fillCount(MESSAGES.de.app.every, 1, of("de"))).toBe("jeden Tag");
    expect(fillCount(MESSAGES.ar.app.every, 2, of("ar"))).toBe("كل يومين");
    expect(fillCount(MESSAGES.ar.app.every, 7, of("ar"))).toContain("أيام");
    expect(fillCount(MESSAGES.ja.app.every, 30, of("ja"))).toBe("30日ごと");
  });
});
