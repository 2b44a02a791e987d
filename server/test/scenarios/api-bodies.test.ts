/** Bodies as they come over the wire: what is no JSON, how money is written and read, and metadata that comes back untouched. */
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import {
  anIntent,
  CARDS,
  eventually,
  pay,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../support/platform.ts";
import { rawRequest } from "../support/raw-http.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

/** An intent's JSON whose last member is spelt as given. */
function bodyEnding(member: string, change: Record<string, unknown> = {}): string {
  const { metadata: _, ...rest } = anIntent(change);
  return `${JSON.stringify(rest).slice(0, -1)},${member}}`;
}

describe("a body that is no JSON", () => {
  it.each([
    ["cut off", '{"amount": 80'],
    ["with a comma too many", '{"amount": 80,}'],
    ["in single quotes", "{'amount': 80}"],
    ["with a comment", '{"amount": 80 /* USD */}'],
    ["with NaN", '{"amount": NaN}'],
    ["with a number like 080", '{"amount": 080}'],
    ["with hexadecimal", '{"amount": 0x50}'],
    ["of two values", "{} {}"],
    ["after a byte order mark", "\ufeff{}"],
    ["with a line end inside a string", '{"name": "a\nb"}'],
    ["of a form", "amount=80&currency=USD"],
  ])("%s, is refused with 400", async (_, body) => {
    for (const path of ["/intents", `/intents/${randomUUID()}/cancel`]) {
      const reply = await platform.merchant.post(path, body);
      expect(reply.status).toBe(400);
      expect(reply.body.message).toMatch(/^The request body is not valid JSON/);
      expect(reply.body).toEqual({ success: false, message: expect.any(String), data: [] });
    }
  });

  it("is never quoted in the answer, since it may hold a card number", async () => {
    const reply = await platform.merchant.post("/intents", `{"card": ${CARDS.visa}x, "name": "John Doe"}`);
    expect(reply.status).toBe(400);
    expect(reply.text).not.toContain("4242");
    expect(reply.text).not.toContain("John");
  });

  it("because its bytes are not UTF-8, is refused with 400, however it is sent", async () => {
    const text = JSON.stringify(anIntent({ name: "J?hn" }));
    const bytes = Buffer.from(text);
    bytes[text.indexOf("?")] = 0xe9; // é in Latin-1
    const { clientId, clientSecret } = platform.merchant;
    const headers = {
      "x-client-id": clientId,
      "x-client-secret": clientSecret,
      "content-type": "application/json",
    };
    for (const framing of [{ "content-length": String(bytes.length) }, { "transfer-encoding": "chunked" }]) {
      const path = "/api/platform/intents";
      const sent = { method: "POST", path, headers: { ...headers, ...framing }, body: bytes };
      expect((await rawRequest(platform.url, sent)).status, JSON.stringify(framing)).toBe(400);
    }
  });

  it("because it nests too deep, is refused with 400, eighty thousand levels too", async () => {
    for (const levels of [63, 80_000]) {
      const nested = `"metadata":${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
      const reply = await platform.merchant.post("/intents", bodyEnding(nested));
      expect(reply.status, String(levels)).toBe(levels === 63 ? 200 : 400);
    }
    const reply = await platform.merchant.post("/intents", "[".repeat(400_000));
    expect(reply.status).toBe(400);
    expect(reply.body.message).toBe("The request body is nested deeper than 64 levels.");
  });
});

describe("a body that is JSON", () => {
  it("is read under every spelling of its type", async () => {
    for (const type of [
      "application/json; charset=utf-8",
      "Application/JSON",
      "application/json;charset=UTF-8",
    ]) {
      const reply = await platform.merchant.post("/intents", anIntent(), { "content-type": type });
      expect(reply.status, type).toBe(200);
    }
  });

  it("with a key twice counts the last", async () => {
    const body = bodyEnding('"amount":1,"amount":12.5', { amount: 7 });
    const reply = await platform.merchant.post("/intents", body);
    expect(reply.body.data.amount).toBe("12.50");
  });

  it("may hold fields that nobody knows, and names of JavaScript's own", async () => {
    const body = bodyEnding('"__proto__":{"amount":1},"constructor":null,"toString":5,"whatever":[{}]');
    expect((await platform.merchant.post("/intents", body)).status).toBe(200);
    const inherited = await platform.merchant.post(
      "/intents",
      '{"__proto__":{"amount":80,"currency":"USD"}}',
    );
    expect(Object.keys(inherited.body.errors)).toEqual(expect.arrayContaining(["amount", "currency"]));
  });

  it("of a cancel may be anything, and may be missing under any type", async () => {
    const { merchant } = platform;
    const { intent_id } = await merchant.createIntent();
    for (const body of ["{}", "[]", "null", '{"reason":"changed my mind"}', " "]) {
      expect((await merchant.post(`/intents/${intent_id}/cancel`, body)).status, body).toBe(200);
    }
    for (const type of ["application/json", "application/x-www-form-urlencoded", "text/plain"]) {
      const reply = await merchant.post(`/intents/${intent_id}/cancel`, undefined, { "content-type": type });
      expect(reply.status, type).toBe(200);
    }
  });
});

describe("money", () => {
  it.each([
    ["USD", "80", "80.00"],
    ["USD", "80.5", "80.50"],
    ["USD", "80.50", "80.50"],
    ["USD", "8e1", "80.00"],
    ["USD", "1", "1.00"],
    ["USD", '"80"', "80.00"],
    ["USD", '"80.5"', "80.50"],
    ["USD", '"080.05"', "80.05"],
    ["USD", '" 80.05 "', "80.05"],
    ["USD", '"+1e2"', "100.00"],
    ["USD", "99999999.99", "99999999.99"],
    ["USD", '"99999999.99"', "99999999.99"],
    ["USD", "4503599.63", "4503599.63"],
    ["USD", "1.10", "1.10"],
    ["USD", "33.000", "33.00"],
    ["eur", "1.01", "1.01"],
    ["JPY", "80", "80"],
    ["JPY", "80.0", "80"],
    ["JPY", '"99999999"', "99999999"],
    ["KRW", "1000", "1000"],
    ["KWD", "80", "80.000"],
    ["KWD", '"80.005"', "80.005"],
    ["KWD", "99999999.99", "99999999.990"],
    ["BHD", "1.234", "1.234"],
    ["CLF", "1.2345", "1.2345"],
  ])("in %s, %s comes back as %s wherever it is shown", async (currency, sent, shown) => {
    const { merchant } = platform;
    const { amount: _, ...rest } = anIntent({ currency });
    const fields = `"amount":${sent},"tax":${sent},"discount":${sent}`;
    const items = `"order_items":[{"name":"A","quantity":3,"price":${sent}}]`;
    const body = `${JSON.stringify(rest).slice(0, -1)},${fields},${items}}`;
    const created = await merchant.post("/intents", body);
    expect(created.status, created.text).toBe(200);
    expect(created.body.data.amount).toBe(shown);
    expect(await merchant.intent(created.body.data.intent_id)).toMatchObject({
      amount: shown,
      currency: currency.toUpperCase(),
      tax: shown,
      discount: shown,
      order_items: [{ name: "A", quantity: 3, price: shown }],
    });
  });

  it.each([
    ["USD", "80.123"],
    ["USD", '"80.000"'],
    ["JPY", "80.5"],
    ["JPY", '"80.0"'],
    ["KWD", "80.1234"],
    ["KWD", '"80.0000"'],
  ])("in %s, %s has more decimals than there are", async (currency, sent) => {
    const { amount: _, ...rest } = anIntent({ currency });
    const reply = await platform.merchant.post(
      "/intents",
      `${JSON.stringify(rest).slice(0, -1)},"amount":${sent}}`,
    );
    expect(reply.status).toBe(422);
    expect(reply.body.errors).toEqual({ amount: ["The amount format is invalid."] });
  });

  it("zero in the currency's digits where tax and discount are left out", async () => {
    for (const [currency, zero] of [
      ["USD", "0.00"],
      ["JPY", "0"],
      ["KWD", "0.000"],
    ] as const) {
      const { intent_id } = await platform.merchant.createIntent({ currency });
      expect(await platform.merchant.intent(intent_id)).toMatchObject({ tax: zero, discount: zero });
    }
  });

  it("is charged as the total was given, whatever the items come to", async () => {
    const { merchant } = platform;
    const items = [{ name: "A", quantity: 7, price: 999 }];
    const { intent_id, payment_url } = await merchant.createIntent({
      amount: "12.34",
      tax: 5,
      order_items: items,
    });
    await pay(payment_url);
    const { amount, charges } = await merchant.intent(intent_id);
    expect(amount).toBe("12.34");
    expect(charges).toMatchObject([{ amount: "12.34", status: "succeeded" }]);
  });
});

describe("metadata", () => {
  /** Every value that a careless program would change; spelt as JSON that has no blanks. */
  const UNTOUCHED = [
    '{"z":1,"a":2,"M":3,"":4}',
    '{"one":1.0,"ten":1e1,"small":1E-7,"minus":-0,"money":80.00}',
    '{"big":12345678901234567890,"huge":1e400,"long":0.12345678901234567890123}',
    '{"text":"Grüße 😀 日本語 \u2028 \\" \\\\ / <script>&amp;","empty":""}',
    '{"deep":{"list":[1,[2,[3,{"b":null,"a":[]}]],{}],"yes":true,"no":false},"none":null}',
    '{"__proto__":{"polluted":true},"constructor":{"prototype":1},"toString":"x","hasOwnProperty":0}',
    '{"id":"evt_1","event":"payment.succeeded","metadata":{"metadata":{}},"created_at":5}',
    '{"time":"2024-12-31T23:59:59Z","number":"007","boolean":"true","spaces":"  kept  "}',
    '{"2":1,"1":2,"b":0,"a":1}',
    '{"b":{"10":[{"9":1.0,"8":{"1":0,"0":[]}}],"2":"2"},"a":{"4294967295":1,"4294967294":2,"01":3,"0":4}}',
    "{}",
  ];

  it.each(UNTOUCHED)("%s comes back to the letter, from the API and in each webhook", async (metadata) => {
    const { merchant, sink } = platform;
    const created = await merchant.post("/intents", bodyEnding(`"metadata":${metadata}`));
    expect(created.status, created.text).toBe(200);
    const { intent_id, payment_url } = created.body.data;
    const reply = await merchant.get(`/intents/${intent_id}`);
    expect(reply.text).toContain(`"metadata":${metadata}}`);
    await pay(payment_url, CARDS.declined);
    await merchant.post(`/intents/${intent_id}/cancel`);
    await eventually(() => sink.of("payment.canceled", intent_id).length > 0);
    for (const event of ["payment.failed", "payment.canceled"]) {
      const [told] = sink.of(event, intent_id);
      expect(told?.verified).toBe(true);
      expect(told?.body).toContain(`,"metadata":${metadata}}`);
    }
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("comes back without blanks, its keys and its text spelt the shortest way, the last of equal keys counting", async () => {
    const { merchant } = platform;
    const spelt =
      '"metadata": { "b" : 1 , "\\u0032":"\\u00e9\\/" ,\n\t"1": [ 1.0 , true,null ], "b":{"7":1, "3" :2} }';
    const created = await merchant.post("/intents", bodyEnding(spelt));
    expect(created.status, created.text).toBe(200);
    const { text } = await merchant.get(`/intents/${created.body.data.intent_id}`);
    expect(text).toContain('"metadata":{"b":{"7":1,"3":2},"2":"é/","1":[1.0,true,null]}}');
  });

  it("counts as the same under an Idempotency-Key in any order", async () => {
    const change = { reference_id: `ORDER-${randomUUID()}` };
    const post = (metadata: string) =>
      platform.merchant.post("/intents", bodyEnding(`"metadata":${metadata}`, change), {
        "idempotency-key": `order-${change.reference_id}`,
      });
    const first = await post('{"2":1,"1":{"b":0,"a":1}}');
    expect(first.status, first.text).toBe(200);
    const again = await post('{"1":{"a":1,"b":0},"2":1.0}');
    expect([again.text, again.headers.get("idempotency-replayed")]).toEqual([first.text, "true"]);
  });

  it("is kept through years of renewals", async () => {
    const { merchant, sink } = platform;
    const metadata = { plan: "gold", seats: [1, 2, { three: 3.5 }] };
    const { intentId, subscriptionId } = await subscribe(platform, { change: { metadata } });
    await merchant.advance({ seconds: 31 * 86_400 });
    await merchant.post(`/subscriptions/${subscriptionId}/cancel`);
    await eventually(() => sink.of("subscription.canceled", intentId).length > 0);
    const told = sink.received.filter((received) => received.payload["intent_id"] === intentId);
    expect(told.map((received) => received.event)).toEqual([
      "payment.succeeded",
      "subscription.created",
      "subscription.renewed",
      "subscription.canceled",
    ]);
    for (const { payload } of told) expect(payload["metadata"]).toEqual(metadata);
  });

  it("that is missing, null, or an empty JSON array is {}", async () => {
    const { merchant } = platform;
    for (const metadata of [undefined, null, [], {}, ""]) {
      const { intent_id } = await merchant.createIntent({ metadata });
      expect((await merchant.get(`/intents/${intent_id}`)).text).toContain('"metadata":{}}');
    }
  });

  it("of 50 keys, and of 16 KiB, fits", async () => {
    const { merchant } = platform;
    const keys = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`key ${at}`, at]));
    const note = { note: "é".repeat((16_384 - 11) / 2 - 0.5) };
    for (const metadata of [keys, note]) {
      const { intent_id } = await merchant.createIntent({ metadata });
      expect((await merchant.intent(intent_id)).metadata).toEqual(metadata);
    }
  });
});
