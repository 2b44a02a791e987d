import { describe, expect, test } from "vitest";
import { type CreateIntentInput, createIntentFields, validateCreateIntent } from "./create-intent.ts";
import { jsonSchema } from "./laravel-kinds.ts";
import type { Errors } from "./laravel-rules.ts";

const DOCUMENT_EXAMPLE = {
  amount: 80,
  currency: "USD",
  intent_type: "recurring",
  interval_days: 30,
  email: "customer@example.com",
  name: "John Doe",
  reference_id: "ORDER-123456",
  customer_ref_id: "CUST-001",
  integration_type: "iframe",
  success_url: "https://example.com/success",
  cancel_url: "https://example.com/cancel",
  metadata: { internal_id: "999" },
  order_items: [{ name: "Product 1", quantity: 1, price: 50.0 }],
};

function accept(changes: object, without: readonly string[] = []): CreateIntentInput {
  const body = Object.entries({ ...DOCUMENT_EXAMPLE, ...changes }).filter(
    ([name]) => !without.includes(name),
  );
  const result = validateCreateIntent(Object.fromEntries(body));
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.value;
}

function errorsOf(body: unknown): Errors {
  const result = validateCreateIntent(body);
  return result.ok ? {} : result.errors;
}

function refuse(changes: object): Errors {
  return errorsOf({ ...DOCUMENT_EXAMPLE, ...changes });
}

const item = (changes: object): object => ({
  order_items: [{ name: "A", quantity: 1, price: 1, ...changes }],
});
const long = (length: number): string => "a".repeat(length);
const url = (length: number): string => `https://example.com/${long(length - 20)}`;

describe("all fields are reported together", () => {
  const ALL_MISSING = {
    amount: ["The amount field is required."],
    currency: ["The currency field is required."],
    intent_type: ["The intent type field is required."],
    email: ["The email field is required."],
    name: ["The name field is required."],
    reference_id: ["The reference id field is required."],
    order_items: ["The order items field is required."],
    integration_type: ["The integration type field is required."],
  };

  test.each<[string, unknown]>([
    ["an empty object", {}],
    ["an array", []],
    ["an array of a sound request", [DOCUMENT_EXAMPLE]],
    ["a text", "amount=80"],
    ["a number", 5],
    ["a number in its box", JSON.rawJSON("1.0")],
    ["null", null],
    ["nothing", undefined],
    ["inherited members", Object.create(DOCUMENT_EXAMPLE)],
  ])("of %s everything required is missing", (_, body) => {
    const errors = errorsOf(body);
    expect(errors).toEqual(ALL_MISSING);
    expect(Object.keys(errors)).toEqual(Object.keys(ALL_MISSING));
  });

  test("fields in the table's order, members of lists after them, rule by rule", () => {
    const errors = errorsOf({
      metadata: 1,
      order_items: [{ quantity: 0 }, { name: 5, quantity: 1, price: 1 }],
      discount: "x",
      intent_type: "recurring",
      integration_type: "url",
      amount: "0",
      currency: "USD",
      name: "n",
    });
    expect(Object.keys(errors)).toEqual([
      "amount",
      "interval_days",
      "email",
      "reference_id",
      "success_url",
      "cancel_url",
      "discount",
      "metadata",
      "order_items.0.name",
      "order_items.1.name",
      "order_items.0.quantity",
      "order_items.0.price",
    ]);
  });

  test("members that are no objects lack their fields", () => {
    const missing = (key: string): [string, string[]] => [key, [`The ${key} field is required.`]];
    expect(refuse({ order_items: ["x", {}, null] })).toEqual(
      Object.fromEntries(
        ["name", "quantity", "price"].flatMap((name) =>
          [0, 1, 2].map((at) => missing(`order_items.${at}.${name}`)),
        ),
      ),
    );
  });

  test("an unknown or missing currency leaves decimals unjudged", () => {
    const fine = { amount: 80.12345, tax: "0.001", discount: "1.0000", ...item({ price: 0.00001 }) };
    expect(refuse({ ...fine, currency: "ABC" })).toEqual({ currency: ["The selected currency is invalid."] });
    expect(refuse({ ...fine, currency: null })).toEqual({ currency: ["The currency field is required."] });
    expect(Object.keys(refuse({ ...fine, currency: "eur" }))).toEqual([
      "amount",
      "tax",
      "discount",
      "order_items.0.price",
    ]);
  });

  test("decimals are those of the currency at hand", () => {
    const wrong = { amount: ["The amount format is invalid."] };
    const free = item({ price: 0 });
    expect(refuse({ ...free, amount: "80.00", currency: "JPY" })).toEqual(wrong);
    expect(refuse({ ...free, amount: 80.5, currency: "ISK" })).toEqual(wrong);
    expect(refuse({ ...free, amount: "1.2345", currency: "kwd" })).toEqual(wrong);
    expect(refuse({ ...free, amount: "1.234", currency: "kwd" })).toEqual({});
  });

  test("interval_days is judged beside an unknown intent_type", () => {
    expect(refuse({ intent_type: "weekly", interval_days: "x" })).toEqual({
      intent_type: ["The selected intent type is invalid."],
      interval_days: ["The interval days must be an integer."],
    });
  });

  test("forbidden text is found in ignored fields and in fields' own names", () => {
    expect(refuse({ intent_type: "one_time", interval_days: "\0" })).toEqual({
      interval_days: ["The interval days format is invalid."],
    });
    expect(refuse({ "x\0": 1 })).toEqual({ "x\uFFFD": ["The x\uFFFD format is invalid."] });
  });

  test("a member named like the prototype's is reported without harm", () => {
    const errors = errorsOf(JSON.parse('{"__proto__":"\\u0000"}'));
    expect(Object.hasOwn(errors, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(errors)).toBe(Object.prototype);
  });
});

describe("what passes is normalised", () => {
  test("the document's own example", () => {
    expect(accept({})).toEqual({
      amount: 8000n,
      currency: "USD",
      intent_type: "recurring",
      interval_days: 30,
      email: "customer@example.com",
      name: "John Doe",
      reference_id: "ORDER-123456",
      customer_ref_id: "CUST-001",
      order_items: [{ name: "Product 1", quantity: 1, price: 5000n }],
      order_items_json: '[{"name":"Product 1","quantity":1,"price":"50.00"}]',
      integration_type: "iframe",
      success_url: "https://example.com/success",
      cancel_url: "https://example.com/cancel",
      tax: 0n,
      discount: 0n,
      metadata: { internal_id: "999" },
      metadata_json: '{"internal_id":"999"}',
    });
  });

  test("what is optional may be missing, null or blank", () => {
    const optional = [
      "interval_days",
      "customer_ref_id",
      "success_url",
      "cancel_url",
      "tax",
      "discount",
      "metadata",
    ];
    const oneTime = { intent_type: "one_time" };
    const bare = accept(oneTime, optional);
    expect(bare).toMatchObject({
      customer_ref_id: null,
      interval_days: null,
      success_url: null,
      cancel_url: null,
    });
    expect(bare).toMatchObject({ tax: 0n, discount: 0n, metadata: {}, metadata_json: "{}" });
    for (const missing of [null, "", " \n"]) {
      expect(accept({ ...oneTime, ...Object.fromEntries(optional.map((name) => [name, missing])) })).toEqual(
        bare,
      );
    }
  });

  test("texts are trimmed, the currency is put in upper case, numbers may be texts", () => {
    const input = accept({
      amount: " 1e2 ",
      currency: " jpy ",
      intent_type: " recurring ",
      interval_days: " +30 ",
      name: "\u00a0 Ada \n",
      tax: "5",
      success_url: " https://Example.com/a?b ",
      ...item({ name: " A ", quantity: "3", price: "7" }),
    });
    expect(input).toMatchObject({ amount: 100n, currency: "JPY", interval_days: 30, name: "Ada", tax: 5n });
    expect(input.success_url).toBe("https://Example.com/a?b");
    expect(input.order_items_json).toBe('[{"name":"A","quantity":3,"price":"7"}]');
  });

  test.each<[string, unknown, string, bigint]>([
    ["at its least", 1, "USD", 100n],
    ["at its most", 99999999.99, "USD", 9_999_999_999n],
    ["with the decimals that a JSON number does not need", JSON.rawJSON("80.000"), "JPY", 80n],
    ["in three decimals", "80.125", "KWD", 80_125n],
    ["in four decimals", "80.1255", "CLF", 801_255n],
  ])("an amount %s", (_, amount, currency, minor) => {
    expect(accept({ amount, currency, tax: 0, discount: null, ...item({ price: 0 }) }).amount).toBe(minor);
  });

  test("whole numbers may be spelt with decimals or exponents where JSON allows it", () => {
    expect(accept({ interval_days: JSON.rawJSON("3.0e1") }).interval_days).toBe(30);
    expect(accept(item({ quantity: 1_000_000 })).order_items[0]?.quantity).toBe(1_000_000);
  });

  test("interval_days of a one-time payment is ignored, whatever it is", () => {
    for (const interval_days of [30, 0, "x", { a: 1 }]) {
      expect(accept({ intent_type: "one_time", interval_days }).interval_days).toBeNull();
    }
  });

  test("lengths are counted in characters, at their limits", () => {
    const input = accept({
      name: "😀".repeat(255),
      email: `${long(243)}@example.com`,
      reference_id: "_".repeat(100),
      customer_ref_id: "é".repeat(100),
      cancel_url: url(2048),
      order_items: Array(100).fill({ name: "A", quantity: 1, price: 0 }),
    });
    expect(input.name).toBe("😀".repeat(255));
    expect(input.order_items).toHaveLength(100);
    expect(refuse({ name: "😀".repeat(256) })).toEqual({
      name: ["The name must not be greater than 255 characters."],
    });
  });

  test("metadata is handed back untouched, an empty array as an empty object", () => {
    const metadata = {
      b: [JSON.rawJSON("1.0"), { c: null }],
      a: "  kept  ",
      e: "",
      d: JSON.rawJSON("12345678901234567890"),
    };
    expect(accept({ metadata }).metadata_json).toBe(
      '{"b":[1.0,{"c":null}],"a":"  kept  ","e":"","d":12345678901234567890}',
    );
    expect(accept({ metadata: [] }).metadata_json).toBe("{}");
    expect(accept({ metadata: { a: long(16_384 - 8) } }).metadata_json).toHaveLength(16_384);
  });

  test("unknown fields are ignored", () => {
    expect(accept({ status: "succeeded", id: 1, constructor: {}, ...item({ sku: { a: 1 } }) })).toMatchObject(
      {
        order_items: [{ name: "A", quantity: 1, price: 100n }],
      },
    );
  });
});

test("the table tells its JSON schema", () => {
  expect(jsonSchema(createIntentFields)).toMatchObject({
    type: "object",
    required: [
      "amount",
      "currency",
      "intent_type",
      "email",
      "name",
      "reference_id",
      "order_items",
      "integration_type",
    ],
    properties: {
      reference_id: { type: "string", maxLength: 100, pattern: "^[a-zA-Z0-9_-]+$" },
      intent_type: { enum: ["one_time", "recurring"] },
      order_items: { type: "array", maxItems: 100, items: { required: ["name", "quantity", "price"] } },
    },
  });
});
