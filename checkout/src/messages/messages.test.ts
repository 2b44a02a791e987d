import { describe, expect, test } from "vitest";
import { LOCALES } from "../locale.ts";
import { MESSAGES } from "./index.ts";

/** Every text by its path; the forms of a plural count as one text. */
function textsOf(value: unknown, path = ""): ReadonlyMap<string, readonly string[]> {
  if (typeof value === "string") return new Map([[path, [value]]]);
  if (typeof value !== "object" || value === null) throw new Error(`${path} is no text`);
  if ("other" in value) return new Map([[path, Object.values(value).map(String)]]);
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...textsOf(inner, `${path}.${key}`)]));
}

function valuesIn(text: string): string {
  return [...text.matchAll(/\{\w+\}/g)]
    .map(([place]) => place)
    .sort()
    .join();
}

const english = textsOf(MESSAGES.en);

describe.each(LOCALES)("the texts in %s", (locale) => {
  const texts = textsOf(MESSAGES[locale]);

  test("are the same ones as in English", () => {
    expect([...texts.keys()].sort()).toEqual([...english.keys()].sort());
  });

  test("use the values that the English ones use", () => {
    for (const [path, [reference = ""]] of english) {
      for (const text of texts.get(path) ?? []) {
        // "every day" and "every two days" need no number.
        if (valuesIn(text) === "" && /\.(?:every|moreItems)$/.test(path)) continue;
        const wanted =
          english
            .get(path)
            ?.map(valuesIn)
            .find((values) => values !== "") ?? valuesIn(reference);
        expect(valuesIn(text), `${path}: ${text}`).toBe(wanted);
      }
    }
  });

  test("are all there, and clean", () => {
    for (const [path, forms] of texts) {
      for (const text of forms) {
        expect(text.trim(), path).not.toBe("");
        expect(text, path).toBe(text.trim());
        expect(text, path).not.toMatch(/\.\.\.|\s{2}/);
      }
    }
  });

  test("are translated", () => {
    const allowed =
      /^\.(?:app\.(?:total|email|poweredBy|expiryHint|discount)|challenge\.(?:badge|card|merchant))$/;
    if (locale === "en") return;
    const same = [...texts].filter(
      ([path, forms]) => !allowed.test(path) && forms.join() === english.get(path)?.join(),
    );
    expect(same).toEqual([]);
  });
});

/** What a word of a text and of a label have in common, whatever ending they have. */
function stemsOf(text: string): readonly string[] {
  const isJapanese = /[\u3040-\u30ff\u4e00-\u9fff]/.test(text);
  const size = isJapanese ? 3 : 4;
  const words = isJapanese
    ? Array.from({ length: Math.max(text.length - size + 1, 1) }, (_, index) => text.slice(index))
    : text.toLowerCase().split(/[\s’]+/);
  return words.filter((word) => word.length >= size).map((word) => word.slice(0, size));
}

describe.each(LOCALES)("what is wrong with a card, in %s,", (locale) => {
  const { errors, fields } = MESSAGES[locale].app;

  test("names its field, since it is also read apart from it: together with others, and by the merchant's page", () => {
    for (const field of ["number", "expiry", "cvc", "name"] as const) {
      for (const reason of ["required", "invalid"] as const) {
        const text = errors[field][reason].toLowerCase();
        const named = stemsOf(fields[field]).some((stem) => text.includes(stem));
        expect(named, `${fields[field]}: ${text}`).toBe(true);
      }
    }
  });

  test("is told by whole sentences", () => {
    const texts = Object.values(errors).flatMap((reasons) => Object.values(reasons));
    for (const text of texts) expect(text).toMatch(/[.。]$/);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

test("the buttons that programs look for are called so in English", () => {
  const { app, challenge } = MESSAGES.en;
  expect(app.pay.startsWith("Pay ")).toBe(true);
  expect(app.cancel).toBe("Cancel");
  expect([challenge.complete, challenge.fail]).toEqual(["Complete", "Fail"]);
});
