/**
 * Validation over HTTP: each rule of each field of a creation (contract section 2) in Laravel 8.6.12's exact words, and that
 * a refused request leaves nothing behind. Bodies are JSON texts, so that what is written here is what is sent.
 */
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { newMerchant } from "../support/merchants.ts";
import { anIntent, startPlatform, type TestPlatform } from "../support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

/** A sound recurring intent of the url integration, so that every conditional rule applies. */
function sound(): Record<string, unknown> {
  return anIntent({
    intent_type: "recurring",
    interval_days: 30,
    customer_ref_id: "CUST-001",
    integration_type: "url",
    success_url: "https://example.com/success",
    cancel_url: "https://example.com/cancel",
    tax: 10,
    discount: 5,
  });
}

/** The body's JSON with one field left out (undefined) or spelt as given. */
function bodyWith(field: string, json: string | undefined, base = sound()): string {
  const rest = { ...base };
  delete rest[field];
  const members = Object.entries(rest).map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
  );
  if (json !== undefined) members.push(`${JSON.stringify(field)}:${json}`);
  return `{${members.join(",")}}`;
}

/** An item's JSON with one field left out or spelt as given, as the second of two. */
function itemsWith(field: string, json: string | undefined): string {
  return `[{"name":"A","quantity":1,"price":1},${bodyWith(field, json, { name: "B", quantity: 2, price: "2.5" })}]`;
}

const chars = (count: number, char = "a"): string => JSON.stringify(char.repeat(count));
const url = (length: number): string => JSON.stringify(`https://example.com/${"a".repeat(length - 20)}`);
const keys = (count: number): string =>
  `{${Array.from({ length: count }, (_, at) => `"k${at}":${at}`).join(",")}}`;

const required = (name: string) => `The ${name} field is required.`;
const max = (name: string, most: string) => `The ${name} must not be greater than ${most}.`;
const format = (name: string) => `The ${name} format is invalid.`;

/** Field, what is sent for it (undefined: nothing), and its messages. */
type Case = readonly [field: string, json: string | undefined, ...messages: string[]];

/** Missing in each way that counts as missing. */
function missing(field: string, message: string): Case[] {
  return [undefined, "null", '""', '" \\t "'].map((json) => [field, json, message]);
}

function amounts(field: string, least: string): Case[] {
  return [
    [field, '"abc"', `The ${field} must be a number.`],
    [field, '"1,50"', `The ${field} must be a number.`],
    [field, '"0x10"', `The ${field} must be a number.`],
    [field, "true", `The ${field} must be a number.`],
    [field, "[1]", `The ${field} must be a number.`],
    [field, '{"a":1}', `The ${field} must be a number.`],
    [field, "-1", `The ${field} must be at least ${least}.`],
    [field, "100000000", max(field, "99999999.99")],
    [field, "1e400", max(field, "99999999.99")],
    [field, "10.001", format(field)],
    [field, '"10.000"', format(field)],
  ];
}

const CASES: readonly Case[] = [
  ...missing("amount", required("amount")),
  ...amounts("amount", "1"),
  ["amount", "[]", required("amount")],
  ["amount", "0", "The amount must be at least 1."],
  ["amount", "0.99", "The amount must be at least 1."],
  ["amount", "0.999", "The amount must be at least 1.", format("amount")],
  ["amount", "99999999.999", max("amount", "99999999.99"), format("amount")],

  ...missing("currency", required("currency")),
  ["currency", "840", "The currency must be a string."],
  ["currency", '["USD"]', "The currency must be a string."],
  ["currency", '"ABC"', "The selected currency is invalid."],
  ["currency", '"US"', "The currency must be 3 characters.", "The selected currency is invalid."],
  ["currency", '"USDT"', "The currency must be 3 characters.", "The selected currency is invalid."],

  ...missing("intent_type", required("intent type")),
  ["intent_type", '"weekly"', "The selected intent type is invalid."],
  ["intent_type", '"Recurring"', "The selected intent type is invalid."],
  ["intent_type", "1", "The selected intent type is invalid."],

  ...missing("interval_days", "The interval days field is required when intent type is recurring."),
  ["interval_days", '"monthly"', "The interval days must be an integer."],
  ["interval_days", "1.5", "The interval days must be an integer."],
  ["interval_days", "true", "The interval days must be an integer."],
  ["interval_days", "[30]", "The interval days must be an integer."],
  ["interval_days", "0", "The interval days must be at least 1."],
  ["interval_days", "-30", "The interval days must be at least 1."],
  ["interval_days", "3651", max("interval days", "3650")],

  ...missing("email", required("email")),
  ["email", '"customer"', "The email must be a valid email address."],
  ["email", '"a b@example.com"', "The email must be a valid email address."],
  ["email", '"@example.com"', "The email must be a valid email address."],
  ["email", "5", "The email must be a valid email address."],
  ["email", `"${"a".repeat(244)}@example.com"`, max("email", "255 characters")],

  ...missing("name", required("name")),
  ["name", "5", "The name must be a string."],
  ["name", "false", "The name must be a string."],
  ["name", chars(256), max("name", "255 characters")],
  ["name", chars(256, "é"), max("name", "255 characters")],

  ...missing("reference_id", required("reference id")),
  ["reference_id", "123", "The reference id must be a string."],
  ["reference_id", '"ORDER 1"', format("reference id")],
  ["reference_id", '"ORDER/1"', format("reference id")],
  ["reference_id", '"Ä1"', format("reference id")],
  ["reference_id", chars(101), max("reference id", "100 characters")],
  ["reference_id", chars(101, "!"), max("reference id", "100 characters"), format("reference id")],

  ["customer_ref_id", "7", "The customer ref id must be a string."],
  ["customer_ref_id", "{}", "The customer ref id must be a string."],
  ["customer_ref_id", chars(101), max("customer ref id", "100 characters")],

  ...missing("order_items", required("order items")),
  ["order_items", "[]", required("order items")],
  ["order_items", '"Product 1"', "The order items must be an array."],
  ["order_items", '{"name":"A","quantity":1,"price":1}', "The order items must be an array."],
  [
    "order_items",
    `[${Array(101).fill("{}").join(",")}]`,
    "The order items must not have more than 100 items.",
  ],

  ...missing("integration_type", required("integration type")),
  ["integration_type", '"popup"', "The selected integration type is invalid."],
  ["integration_type", "{}", required("integration type")],

  ...["success_url", "cancel_url"].flatMap((field): Case[] => {
    const name = field.replace("_", " ");
    return [
      ...missing(field, `The ${name} field is required when integration type is url.`),
      [field, "5", `The ${name} must be a valid URL.`],
      [field, '"example.com"', `The ${name} must be a valid URL.`],
      [field, '"/success"', `The ${name} must be a valid URL.`],
      [field, '"javascript:alert(1)"', `The ${name} must be a valid URL.`],
      [field, '"ftp://example.com/"', `The ${name} must be a valid URL.`],
      [field, '"https://example.com/a b"', `The ${name} must be a valid URL.`],
      [field, url(2_049), max(name, "2048 characters")],
    ];
  }),

  ...amounts("tax", "0"),
  ...amounts("discount", "0"),

  ["metadata", '"x"', "The metadata must be an array."],
  ["metadata", "5", "The metadata must be an array."],
  ["metadata", "[1]", "The metadata must be an array."],
  ["metadata", keys(51), "The metadata must not have more than 50 items."],
  ["metadata", `{"note":${chars(16_384)}}`, max("metadata", "16 kilobytes")],
  ["metadata", `{"note":${chars(8_192, "é")}}`, max("metadata", "16 kilobytes")],

  // U+0000 and lone surrogates, anywhere: in each kind of field, nested, in keys, in what nobody knows.
  ["amount", '"8\\u0000"', format("amount")],
  ["currency", '"US\\u0000"', format("currency")],
  ["intent_type", '"recurring\\u0000"', format("intent type")],
  ["email", '"a\\u0000@example.com"', format("email")],
  ["name", '"John\\u0000Doe"', format("name")],
  ["name", '"\\ud83d"', format("name")],
  ["name", '"\\ude00\\ud83d"', format("name")],
  ["reference_id", '"A\\u0000"', format("reference id")],
  ["customer_ref_id", '"\\u0000"', format("customer ref id")],
  ["success_url", '"https://example.com/\\u0000"', format("success url")],
  ["metadata", '{"a":{"b":["\\u0000"]}}', format("metadata")],
  ["metadata", '{"\\udc00":1}', format("metadata")],
  ["unheard_of", '{"a":"\\u0000"}', format("unheard of")],
];

const ITEM_CASES: readonly Case[] = [
  ...missing("name", required("order_items.1.name")),
  ["name", "1", "The order_items.1.name must be a string."],
  ["name", chars(256), max("order_items.1.name", "255 characters")],
  ["name", '"\\u0000"', format("order_items.1.name")],
  ...missing("quantity", required("order_items.1.quantity")),
  ["quantity", "1.5", "The order_items.1.quantity must be an integer."],
  ["quantity", '"two"', "The order_items.1.quantity must be an integer."],
  ["quantity", "0", "The order_items.1.quantity must be at least 1."],
  ["quantity", "1000001", max("order_items.1.quantity", "1000000")],
  ...missing("price", required("order_items.1.price")),
  ["price", '"free"', "The order_items.1.price must be a number."],
  ["price", "-0.01", "The order_items.1.price must be at least 0."],
  ["price", "100000000", max("order_items.1.price", "99999999.99")],
  ["price", "0.001", format("order_items.1.price")],
];

async function refused(body: string): Promise<unknown> {
  const reply = await platform.merchant.post("/intents", body);
  expect(reply.status, body.slice(0, 300)).toBe(422);
  expect(Object.keys(reply.body)).toEqual(["message", "errors"]);
  expect(reply.body.message).toBe("The given data was invalid.");
  return reply.body.errors;
}

describe("one wrong field is reported alone, in Laravel's words", () => {
  for (const field of new Set(CASES.map(([name]) => name))) {
    it(field, async () => {
      for (const [, json, ...messages] of CASES.filter(([name]) => name === field)) {
        expect(await refused(bodyWith(field, json)), json?.slice(0, 100)).toEqual({ [field]: messages });
      }
    });
  }

  for (const field of new Set(ITEM_CASES.map(([name]) => name))) {
    it(`order_items.*.${field}`, async () => {
      for (const [, json, ...messages] of ITEM_CASES.filter(([name]) => name === field)) {
        const body = bodyWith("order_items", itemsWith(field, json));
        expect(await refused(body), json?.slice(0, 100)).toEqual({ [`order_items.1.${field}`]: messages });
      }
    });
  }
});

describe("several wrong fields", () => {
  it("of an empty body are all reported, in the order of the contract's table", async () => {
    const all = {
      amount: [required("amount")],
      currency: [required("currency")],
      intent_type: [required("intent type")],
      email: [required("email")],
      name: [required("name")],
      reference_id: [required("reference id")],
      order_items: [required("order items")],
      integration_type: [required("integration type")],
    };
    const expected = JSON.stringify({ message: "The given data was invalid.", errors: all });
    for (const body of ["{}", "[]", "null", '"text"', "5", "true", '[{"amount":80}]', "  {} \n"]) {
      const reply = await platform.merchant.post("/intents", body);
      expect(reply.status, body).toBe(422);
      expect(reply.text, body).toBe(expected);
    }
    const { clientId, clientSecret } = platform.merchant;
    const headers = { "x-client-id": clientId, "x-client-secret": clientSecret };
    for (const type of [{}, { "content-type": "application/json" }, { "content-type": "text/plain" }]) {
      const address = `${platform.url}/api/platform/intents`;
      const bodiless = await fetch(address, { method: "POST", headers: { ...headers, ...type } });
      expect(bodiless.status).toBe(422);
      expect(await bodiless.text()).toBe(expected);
    }
  });

  it("are the document's own example", async () => {
    expect(await refused(JSON.stringify({ ...sound(), email: "", amount: 0.5 }))).toEqual({
      email: ["The email field is required."],
      amount: ["The amount must be at least 1."],
    });
  });

  it("of items are reported after the fields, rule by rule over all items", async () => {
    const items = [{ name: 1, quantity: 0 }, "no item", { name: "C", quantity: 1, price: 1 }];
    const body = JSON.stringify({ ...sound(), order_items: items, tax: "x" });
    const errors = await refused(body);
    expect(errors).toEqual({
      tax: ["The tax must be a number."],
      "order_items.0.name": ["The order_items.0.name must be a string."],
      "order_items.1.name": [required("order_items.1.name")],
      "order_items.0.quantity": ["The order_items.0.quantity must be at least 1."],
      "order_items.1.quantity": [required("order_items.1.quantity")],
      "order_items.0.price": [required("order_items.0.price")],
      "order_items.1.price": [required("order_items.1.price")],
    });
    expect(Object.keys(errors as object)).toEqual([
      "tax",
      "order_items.0.name",
      "order_items.1.name",
      "order_items.0.quantity",
      "order_items.1.quantity",
      "order_items.0.price",
      "order_items.1.price",
    ]);
  });

  it("a one-time intent's interval and an iframe's addresses are not required, and an interval not looked at", async () => {
    const created = await platform.merchant.createIntent({ interval_days: "nonsense" });
    expect((await platform.merchant.intent(created.intent_id)).interval_days).toBeNull();
    expect(await refused(JSON.stringify(anIntent({ success_url: "nonsense" })))).toEqual({
      success_url: ["The success url must be a valid URL."],
    });
  });
});

describe("reference_id", () => {
  it("that is taken is refused, whatever became of its intent", async () => {
    const { merchant } = platform;
    const reference_id = `ORDER-${randomUUID()}`;
    const { intent_id } = await merchant.createIntent({ reference_id });
    const taken = { reference_id: ["The reference id has already been taken."] };
    expect(await refused(JSON.stringify(anIntent({ reference_id, amount: 5 })))).toEqual(taken);
    expect(await refused(JSON.stringify(anIntent({ reference_id: ` ${reference_id} ` })))).toEqual(taken);
    await merchant.post(`/intents/${intent_id}/cancel`);
    expect(await refused(JSON.stringify(anIntent({ reference_id })))).toEqual(taken);
    expect((await merchant.intent(intent_id)).amount).toBe("80.00");
  });

  it("that is taken is reported beside the other fields' errors, in its place among them", async () => {
    const { merchant } = platform;
    const reference_id = `ORDER-${randomUUID()}`;
    await merchant.createIntent({ reference_id });
    const body = anIntent({ reference_id, amount: 0, tax: -1, order_items: [{ name: "A", quantity: 1 }] });
    const errors = await refused(JSON.stringify(body));
    expect(errors).toEqual({
      amount: ["The amount must be at least 1."],
      reference_id: ["The reference id has already been taken."],
      tax: ["The tax must be at least 0."],
      "order_items.0.price": [required("order_items.0.price")],
    });
    expect(Object.keys(errors as object)).toEqual(["amount", "reference_id", "tax", "order_items.0.price"]);
  });

  it("in other letters is another, and one of 100 characters of every allowed kind is fine", async () => {
    const { merchant } = platform;
    const reference = `Order_${randomUUID()}`;
    await merchant.createIntent({ reference_id: reference });
    await merchant.createIntent({ reference_id: reference.toLowerCase() });
    const longest = `${randomUUID()}_Z9`.padEnd(100, "x-");
    const { intent_id } = await merchant.createIntent({ reference_id: longest });
    expect((await merchant.get(`/intents/reference/${longest}`)).body.data.intent_id).toBe(intent_id);
  });

  it("of a refused request stays free", async () => {
    const other = await newMerchant(platform);
    const reference_id = `ORDER-${randomUUID()}`;
    expect((await other.post("/intents", anIntent({ reference_id, email: "x" }))).status).toBe(422);
    expect((await other.get(`/intents/reference/${reference_id}`)).status).toBe(404);
    expect((await other.post("/intents", anIntent({ reference_id }))).status).toBe(200);
  });
});

describe("what is just within the limits", () => {
  it("is taken, trimmed, and shown as it was given", async () => {
    const items = Array.from({ length: 100 }, (_, at) => ({
      name: `Item ${at}`,
      quantity: 1_000_000,
      price: 0,
    }));
    const address = `https://example.com/${"a".repeat(2_028)}`;
    const body = sound();
    const given = {
      amount: "99999999.99",
      currency: " usd ",
      interval_days: "3650",
      email: ` ${"a".repeat(243)}@example.com `,
      name: `\u00a0${"😀".repeat(255)}\n`,
      customer_ref_id: "é".repeat(100),
      order_items: items,
      success_url: ` ${address}`,
      cancel_url: "HTTPS://例え.テスト/%20?a[]=b&c=d#e",
      tax: "0",
      discount: 99_999_999.99,
    };
    const reply = await platform.merchant.post("/intents", { ...body, ...given });
    expect(reply.status, reply.text).toBe(200);
    const shown = await platform.merchant.intent(reply.body.data.intent_id);
    expect(shown).toMatchObject({
      amount: "99999999.99",
      currency: "USD",
      interval_days: 3650,
      customer: { email: given.email.trim(), name: "😀".repeat(255), customer_ref_id: given.customer_ref_id },
      success_url: address,
      cancel_url: given.cancel_url,
      tax: "0.00",
      discount: "99999999.99",
    });
    expect(shown.order_items).toHaveLength(100);
    expect(shown.order_items[99]).toEqual({ name: "Item 99", quantity: 1_000_000, price: "0.00" });
    expect((await fetch(reply.body.data.payment_url)).status).toBe(200);
  });
});
