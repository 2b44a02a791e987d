import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digitsOf } from "./digits.ts";
import { type Erased, erasedBy, reshape, type Shape } from "./edit.ts";
import { parseExpiry, shapeExpiry } from "./expiry.ts";
import { brandOf, shapeNumber } from "./number.ts";

/** A field as a browser has it: `|` is the caret. */
function field(text: string): { readonly value: string; readonly caret: number } {
  return { value: text.replace("|", ""), caret: text.indexOf("|") };
}

function drawn({ value, caret }: { readonly value: string; readonly caret: number }): string {
  return `${value.slice(0, caret)}|${value.slice(caret)}`;
}

function insert(before: string, text: string, shape: Shape): string {
  const { value, caret } = field(before);
  const raw = value.slice(0, caret) + text + value.slice(caret);
  return drawn(reshape(value, raw, caret + text.length, null, shape));
}

function erase(before: string, kind: Exclude<Erased, null>, shape: Shape): string {
  const { value, caret } = field(before);
  const from = kind === "backward" ? caret - 1 : caret;
  return drawn(reshape(value, value.slice(0, from) + value.slice(from + 1), from, kind, shape));
}

function type(text: string, shape: Shape): string {
  return text.split("").reduce((before, char) => insert(before, char, shape), "|");
}

describe("a card number", () => {
  test("falls into its brand's groups while it is typed", () => {
    expect(type("4242424242424242", shapeNumber)).toBe("4242 4242 4242 4242|");
    expect(type("378282246310005", shapeNumber)).toBe("3782 822463 10005|");
    expect(type("4242", shapeNumber)).toBe("4242|");
    expect(type("42424", shapeNumber)).toBe("4242 4|");
  });

  test("can be pasted as people write it", () => {
    expect(insert("|", " 4242-4242-4242-4242 ", shapeNumber)).toBe("4242 4242 4242 4242|");
    expect(insert("|", "card: 3782 822463 10005", shapeNumber)).toBe("3782 822463 10005|");
  });

  test("can be typed with Japanese and Arabic digits", () => {
    expect(insert("|", "４２４２４２４２", shapeNumber)).toBe("4242 4242|");
    expect(insert("|", "٤٢٤٢٤٢٤٢", shapeNumber)).toBe("4242 4242|");
    expect(insert("|", "۴۲۴۲", shapeNumber)).toBe("4242|");
  });

  test("keeps the caret where the customer corrects", () => {
    expect(insert("42|42 4242", "9", shapeNumber)).toBe("429|4 2424 2");
    expect(erase("4242 4|242 42", "backward", shapeNumber)).toBe("4242| 2424 2");
    expect(erase("4242 |4242", "forward", shapeNumber)).toBe("4242| 242");
  });

  test("loses the digit beyond a space, where the space is erased", () => {
    expect(erase("4242 |4242", "backward", shapeNumber)).toBe("424|4 242");
    expect(erase("4243| 5678", "forward", shapeNumber)).toBe("4243| 678");
    expect(erase("| 4242", "forward", shapeNumber)).toBe("|242");
  });

  test("ends where the brand's numbers end", () => {
    expect(type("37828224631000599", shapeNumber)).toBe("3782 822463 10005|");
    expect(type("555555555555444499", shapeNumber)).toBe("5555 5555 5555 4444|");
  });

  test("takes nothing that is not a digit", () => {
    expect(insert("4242| 4242", "x", shapeNumber)).toBe("4242| 4242");
  });

  test("never loses a digit to its shape, and never moves the caret past one", () => {
    const digits = fc.stringMatching(/^4\d{0,15}$/);
    fc.assert(
      fc.property(digits, fc.nat(16), (text, at) => {
        const caret = Math.min(at, text.length);
        const edit = reshape("", text, caret, null, shapeNumber);
        expect(digitsOf(edit.value)).toBe(text);
        expect(digitsOf(edit.value.slice(0, edit.caret))).toHaveLength(caret);
      }),
    );
  });

  test("tells its brand and the size of its code as soon as it can", () => {
    expect(brandOf("")).toBeNull();
    expect(brandOf("4")).toBeNull();
    expect(brandOf("42")).toMatchObject({ type: "visa", codeSize: 3 });
    expect(brandOf("37")).toMatchObject({ type: "american-express", codeSize: 4 });
    expect(brandOf("5555 55")).toMatchObject({ type: "mastercard" });
    expect(brandOf("9999")).toBeNull();
  });
});

describe("an expiry", () => {
  test("gets its slash while it is typed", () => {
    expect(type("1230", shapeExpiry)).toBe("12 / 30|");
    expect(type("12/30", shapeExpiry)).toBe("12 / 30|");
    expect(type("12", shapeExpiry)).toBe("12|");
  });

  test("gets the zero of its month", () => {
    expect(type("330", shapeExpiry)).toBe("03 / 30|");
    expect(type("3/30", shapeExpiry)).toBe("03 / 30|");
    expect(type("1/30", shapeExpiry)).toBe("01 / 30|");
    expect(type("0330", shapeExpiry)).toBe("03 / 30|");
  });

  test("may have a year of four digits", () => {
    expect(type("12/2030", shapeExpiry)).toBe("12 / 2030|");
    expect(type("122030", shapeExpiry)).toBe("12 / 2030|");
    expect(type("123456", shapeExpiry)).toBe("12 / 34|");
  });

  test("may be filled in the ways of password managers", () => {
    expect(insert("|", "12/2030", shapeExpiry)).toBe("12 / 2030|");
    expect(insert("|", "2030-12", shapeExpiry)).toBe("12 / 30|");
    expect(insert("|", "3/2030", shapeExpiry)).toBe("03 / 2030|");
    expect(insert("|", "12-30", shapeExpiry)).toBe("12 / 30|");
    expect(insert("|", "１２/３０", shapeExpiry)).toBe("12 / 30|");
  });

  test("can be erased from its end to nothing", () => {
    let text = "12 / 30|";
    const seen: string[] = [];
    while (text !== "|") {
      text = erase(text, "backward", shapeExpiry);
      seen.push(text);
    }
    expect(seen).toEqual(["12 / 3|", "12|", "1|", "|"]);
  });

  test("keeps its year while the month is corrected", () => {
    const without = erase("12| / 30", "backward", shapeExpiry);
    expect(without).toBe("1| / 30");
    expect(insert(without, "1", shapeExpiry)).toBe("11| / 30");
  });

  test("is read whole or not at all", () => {
    expect(parseExpiry("12 / 30")).toEqual({ month: 12, year: 2030 });
    expect(parseExpiry("1/2031")).toEqual({ month: 1, year: 2031 });
    expect(["", "12", "13/30", "00/30", "12/3", "12/203", "x"].map(parseExpiry)).toEqual(Array(7).fill(null));
  });
});

test("an edit deletes in the direction that the browser says", () => {
  expect(erasedBy("insertText")).toBeNull();
  expect(erasedBy("")).toBeNull();
  expect(erasedBy("deleteContentBackward")).toBe("backward");
  expect(erasedBy("deleteByCut")).toBe("backward");
  expect(erasedBy("deleteContentForward")).toBe("forward");
  expect(erasedBy("deleteWordForward")).toBe("forward");
});
