import { describe, expect, test } from "vitest";
import { chooseLocale, choosePreference, directionOf, LOCALES } from "./locale.ts";

describe("the page's language", () => {
  test("is the browser's, whatever the region", () => {
    expect(chooseLocale("pt-BR")).toBe("pt");
    expect(chooseLocale("de-CH,de;q=0.9,en;q=0.8")).toBe("de");
    expect(chooseLocale("JA")).toBe("ja");
  });

  test("keeps the region of the tag that was matched, for numbers and dates, and nothing else of it", () => {
    const formats = (header: string) => choosePreference(header).formats;
    expect(formats("es-MX,es;q=0.9,en;q=0.8")).toBe("es-MX");
    expect(formats("nl-NL,pt-br;q=0.9")).toBe("pt-BR");
    expect(formats("es-419")).toBe("es-419");
    expect(formats("ar-Arab-EG-u-nu-latn-ca-islamic")).toBe("ar-EG");
    expect(["en", "en-x-private", "en-1", "en-", "*", "", "zh-TW"].map(formats)).toEqual(Array(7).fill("en"));
  });

  test("is the one wanted most, not the one named first", () => {
    expect(chooseLocale("en;q=0.5, fr;q=0.9")).toBe("fr");
    expect(chooseLocale("en; q=0.5 , ar ; q=0.7")).toBe("ar");
    expect(chooseLocale("es, fr")).toBe("es");
  });

  test("passes over languages that the page does not speak", () => {
    expect(chooseLocale("nl,sv;q=0.9,fr;q=0.1")).toBe("fr");
    expect(chooseLocale("zh-Hant-TW, *;q=0.5")).toBe("en");
  });

  test("is never one that the browser excludes", () => {
    expect(chooseLocale("fr;q=0, de;q=0.1")).toBe("de");
    expect(chooseLocale("fr;q=0.000")).toBe("en");
  });

  test("is English without a header that can be understood", () => {
    expect(chooseLocale(undefined)).toBe("en");
    expect(chooseLocale("")).toBe("en");
    expect(chooseLocale(";;,,=q")).toBe("en");
    expect(chooseLocale("fr;q=2")).toBe("en");
    expect(chooseLocale("fr;q=nonsense")).toBe("en");
    expect(chooseLocale("espanol")).toBe("en");
  });

  test("does not cost more for an endless header", () => {
    expect(chooseLocale(`${"xx,".repeat(100_000)}fr`)).toBe("en");
  });

  test("is written from the right in Arabic alone", () => {
    expect(LOCALES.filter((locale) => directionOf(locale) === "rtl")).toEqual(["ar"]);
  });
});
