/** Each field's each rule of `POST /api/platform/intents` in its exact words, one wrong field at a time. */
import { describe, expect, test } from "vitest";
import { validateCreateIntent } from "./create-intent.ts";
import type { Errors } from "./laravel-rules.ts";

const SOUND = {
  amount: 80,
  currency: "USD",
  intent_type: "recurring",
  interval_days: 30,
  email: "customer@example.com",
  name: "John Doe",
  reference_id: "ORDER-123456",
  integration_type: "url",
  success_url: "https://example.com/success",
  cancel_url: "https://example.com/cancel",
  order_items: [{ name: "Product 1", quantity: 1, price: 50 }],
};

function refuse(changes: object): Errors {
  const result = validateCreateIntent({ ...SOUND, ...changes });
  return result.ok ? {} : result.errors;
}

const long = (length: number): string => "a".repeat(length);
const url = (length: number): string => `https://example.com/${long(length - 20)}`;
const deep = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);
const raw = (source: string): unknown => JSON.rawJSON(source);
const keys = (count: number): object =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at]));

/** What is wrong, the value, and the texts that are then reported of that field, after "The ". */
type Case = readonly [what: string, value: unknown, ...texts: string[]];

const CASES: Record<string, readonly Case[]> = {
  amount: [
    ["missing", undefined, "amount field is required."],
    ["null", null, "amount field is required."],
    ["blank", "  \t", "amount field is required."],
    ["an empty array", [], "amount field is required."],
    ["an empty object", {}, "amount field is required."],
    ["a word", "abc", "amount must be a number."],
    ["hexadecimal", "0x50", "amount must be a number."],
    ["true", true, "amount must be a number."],
    ["an array", [80], "amount must be a number."],
    ["an object like a number's box", { rawJSON: "80" }, "amount must be a number."],
    ["zero", 0, "amount must be at least 1."],
    ["negative", "-80", "amount must be at least 1."],
    ["below 1", 0.99, "amount must be at least 1."],
    ["hardly below 1", "0.99999999999999999999", "amount must be at least 1.", "amount format is invalid."],
    ["too large", 100000000, "amount must not be greater than 99999999.99."],
    ["beyond every double", raw("1e400"), "amount must not be greater than 99999999.99."],
    [
      "too large and too fine",
      raw("99999999.9900000000000000001"),
      "amount must not be greater than 99999999.99.",
      "amount format is invalid.",
    ],
    ["in three decimals of USD", 80.123, "amount format is invalid."],
    ["with a written zero too many", "80.120", "amount format is invalid."],
    ["with U+0000", "8\0", "amount format is invalid."],
  ],
  currency: [
    ["missing", undefined, "currency field is required."],
    ["a number", 840, "currency must be a string."],
    ["too short", "US", "currency must be 3 characters.", "selected currency is invalid."],
    ["too long", "USDT", "currency must be 3 characters.", "selected currency is invalid."],
    ["unknown", "ABC", "selected currency is invalid."],
    ["withdrawn", "BGN", "selected currency is invalid."],
    ["a metal", "XAU", "selected currency is invalid."],
    ["with a foreign letter", "uſd", "selected currency is invalid."],
  ],
  intent_type: [
    ["blank", "", "intent type field is required."],
    ["unknown", "weekly", "selected intent type is invalid."],
    ["in capitals", "RECURRING", "selected intent type is invalid."],
    ["true", true, "selected intent type is invalid."],
  ],
  interval_days: [
    ["missing", undefined, "interval days field is required when intent type is recurring."],
    ["an empty array", [], "interval days field is required when intent type is recurring."],
    ["a word", "monthly", "interval days must be an integer."],
    ["a fraction", 0.5, "interval days must be an integer."],
    ["a text with decimals", "30.0", "interval days must be an integer."],
    ["a text with a leading zero", "030", "interval days must be an integer."],
    ["true", true, "interval days must be an integer."],
    ["beyond 64 bits", "9223372036854775808", "interval days must be an integer."],
    ["the last of 64 bits", "9223372036854775807", "interval days must not be greater than 3650."],
    ["beyond every double", raw("1e400"), "interval days must be an integer."],
    ["0", 0, "interval days must be at least 1."],
    ["negative", "-1", "interval days must be at least 1."],
    ["3651", 3651, "interval days must not be greater than 3650."],
  ],
  email: [
    ["blank", " ", "email field is required."],
    ["without a domain", "customer", "email must be a valid email address."],
    ["with a line end", "a@b.c\r\nBcc: x@y.z", "email must be a valid email address."],
    ["a number", 5, "email must be a valid email address."],
    ["too long", `${long(244)}@example.com`, "email must not be greater than 255 characters."],
    [
      "too long and none",
      long(256),
      "email must be a valid email address.",
      "email must not be greater than 255 characters.",
    ],
  ],
  name: [
    ["of foreign blanks", "\u00a0\u3000", "name field is required."],
    ["a number", 5, "name must be a string."],
    ["false", false, "name must be a string."],
    ["an array", ["John"], "name must be a string."],
    ["an object", { first: "John" }, "name must be a string."],
    ["too long", long(256), "name must not be greater than 255 characters."],
    [
      "too long in characters of two units",
      "😀".repeat(256),
      "name must not be greater than 255 characters.",
    ],
    ["with U+0000, whatever else", `${long(300)}\0`, "name format is invalid."],
    ["with a lone surrogate", "a\ud800", "name format is invalid."],
  ],
  reference_id: [
    ["missing", undefined, "reference id field is required."],
    ["a number", 123, "reference id must be a string."],
    ["with a blank", "ORDER 1", "reference id format is invalid."],
    ["with a line end inside", "A\nB", "reference id format is invalid."],
    ["with a foreign letter", "Ö1", "reference id format is invalid."],
    ["too long", long(101), "reference id must not be greater than 100 characters."],
    [
      "too long and wrong",
      "!".repeat(101),
      "reference id must not be greater than 100 characters.",
      "reference id format is invalid.",
    ],
  ],
  customer_ref_id: [
    ["a number", 7, "customer ref id must be a string."],
    ["an empty array", [], "customer ref id must be a string."],
    ["too long", long(101), "customer ref id must not be greater than 100 characters."],
  ],
  order_items: [
    ["missing", undefined, "order items field is required."],
    ["empty", [], "order items field is required."],
    ["an empty object", {}, "order items field is required."],
    ["a word", "x", "order items must be an array."],
    ["an object", { 0: {} }, "order items must be an array."],
    [
      "of 101, none of them looked at",
      Array(101).fill({ name: 5 }),
      "order items must not have more than 100 items.",
    ],
  ],
  integration_type: [
    ["missing", null, "integration type field is required."],
    ["unknown", "popup", "selected integration type is invalid."],
  ],
  success_url: [
    ["missing", undefined, "success url field is required when integration type is url."],
    ["a number", 5, "success url must be a valid URL."],
    ["a script", "javascript:alert(1)", "success url must be a valid URL."],
    ["relative", "/success", "success url must be a valid URL."],
    ["with a user", "https://a@b.example", "success url must be a valid URL."],
    ["too long", url(2049), "success url must not be greater than 2048 characters."],
  ],
  cancel_url: [
    ["blank", "", "cancel url field is required when integration type is url."],
    ["with a line end", "https://b.example/\r\nX: y", "cancel url must be a valid URL."],
    [
      "too long and none",
      long(2049),
      "cancel url must be a valid URL.",
      "cancel url must not be greater than 2048 characters.",
    ],
  ],
  tax: [
    ["a word", "none", "tax must be a number."],
    ["false", false, "tax must be a number."],
    ["negative", -0.01, "tax must be at least 0."],
    ["too large", 1e8, "tax must not be greater than 99999999.99."],
    ["too fine", "0.001", "tax format is invalid."],
  ],
  discount: [
    ["negative and too fine", "-0.001", "discount must be at least 0.", "discount format is invalid."],
  ],
  metadata: [
    ["a word", "x", "metadata must be an array."],
    ["a number", raw("1.0"), "metadata must be an array."],
    ["a list", [1], "metadata must be an array."],
    ["of 51 keys", keys(51), "metadata must not have more than 50 items."],
    ["beyond 16 KiB", { a: long(16_384 - 7) }, "metadata must not be greater than 16 kilobytes."],
    ["beyond 16 KiB in bytes", { a: "é".repeat(8_190) }, "metadata must not be greater than 16 kilobytes."],
    ["nested beyond all sense", deep(100_000), "metadata must not be greater than 16 kilobytes."],
    ["with U+0000 deep inside", { a: [{ b: "\0" }] }, "metadata format is invalid."],
    ["with a lone surrogate in a key", { a: { "\udfff": 1 } }, "metadata format is invalid."],
  ],
  foo_bar: [["unknown, with U+0000", ["\0"], "foo bar format is invalid."]],
};

const ITEM_CASES: Record<string, readonly Case[]> = {
  name: [
    ["missing", undefined, "order_items.0.name field is required."],
    ["a number", 1, "order_items.0.name must be a string."],
    ["too long", long(256), "order_items.0.name must not be greater than 255 characters."],
    ["with U+0000", "\0", "order_items.0.name format is invalid."],
  ],
  quantity: [
    ["null", null, "order_items.0.quantity field is required."],
    ["half", 1.5, "order_items.0.quantity must be an integer."],
    ["0", 0, "order_items.0.quantity must be at least 1."],
    ["too large", 1_000_001, "order_items.0.quantity must not be greater than 1000000."],
  ],
  price: [
    ["blank", " ", "order_items.0.price field is required."],
    ["a word", "free", "order_items.0.price must be a number."],
    ["negative", -1, "order_items.0.price must be at least 0."],
    ["too fine", "0.001", "order_items.0.price format is invalid."],
    ["too large", 1e9, "order_items.0.price must not be greater than 99999999.99."],
  ],
  sku: [["unknown, with a lone surrogate", "\ud800", "order_items.0.sku format is invalid."]],
};

function told(cases: readonly Case[]): { what: string; value: unknown; sentences: string[] }[] {
  return cases.map(([what, value, ...texts]) => ({
    what,
    value,
    sentences: texts.map((text) => `The ${text}`),
  }));
}

describe.each(Object.entries(CASES))("%s, when it is", (field, cases) => {
  test.each(told(cases))("$what", ({ value, sentences }) => {
    expect(refuse({ [field]: value })).toEqual({ [field]: sentences });
  });
});

describe.each(Object.entries(ITEM_CASES))("an item's %s, when it is", (field, cases) => {
  test.each(told(cases))("$what", ({ value, sentences }) => {
    const item = { name: "A", quantity: 1, price: 1, [field]: value };
    expect(refuse({ order_items: [item] })).toEqual({ [`order_items.0.${field}`]: sentences });
  });
});
