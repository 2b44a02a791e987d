/** Idempotency-Key, one request after the other: what counts as a key, what is replayed, refused, and forgotten. */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { newMerchant } from "../support/merchants.ts";
import {
  anIntent,
  type Merchant,
  pay,
  type Reply,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../support/platform.ts";
import { rawRequest } from "../support/raw-http.ts";

const REUSED = {
  message: "The given data was invalid.",
  errors: { idempotency_key: ["The idempotency key was already used with another request."] },
};

let platform: TestPlatform;
let merchant: Merchant;
beforeAll(async () => {
  platform = await startPlatform();
  merchant = platform.merchant;
});

const keyed = (key: string) => ({ "idempotency-key": key });
const create = (body: unknown, key: string, by = merchant) => by.post("/intents", body, keyed(key));

async function inDatabase(statement: string, values: readonly string[]): Promise<void> {
  const database = new pg.Client({ connectionString: platform.databaseUrl });
  await database.connect();
  await database.query(statement, [...values]);
  await database.end();
}

function expectFirst(reply: Reply): void {
  expect(reply.status, reply.text).toBe(200);
  expect(reply.headers.get("idempotency-replayed")).toBeNull();
}

function expectReplayOf(first: Reply, reply: Reply): void {
  expect(reply.status, reply.text).toBe(200);
  expect(reply.text).toBe(first.text);
  expect(reply.headers.get("idempotency-replayed")).toBe("true");
  expect(reply.headers.get("content-type")).toBe(first.headers.get("content-type"));
  expect(reply.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
}

describe("the same key, path and body", () => {
  it("get the first answer again, byte for byte, as often as they are sent", async () => {
    const [key, body] = [randomUUID(), anIntent()];
    const first = await create(body, key);
    expectFirst(first);
    for (let again = 0; again < 3; again++) expectReplayOf(first, await create(body, key));
  });

  it("are the same in other JSON: keys in another order, blanks, numbers and letters spelt otherwise", async () => {
    const [key, body] = [randomUUID(), anIntent({ name: "Zoë", amount: 80 })];
    const first = await create(body, key);
    expectFirst(first);
    const reversed = Object.fromEntries(Object.entries(body).reverse());
    for (const same of [
      JSON.stringify(body, null, 4),
      JSON.stringify(reversed),
      JSON.stringify(body).replace('"amount":80', '"amount":80.00'),
      JSON.stringify(body).replace('"amount":80', '"amount" : 8e1'),
      JSON.stringify(body).replace("Zoë", "Zo\\u00eb"),
    ]) {
      expectReplayOf(first, await create(same, key));
    }
  });

  it("are the same with a slash at the path's end, or without", async () => {
    const [key, body] = [randomUUID(), anIntent()];
    const first = await create(body, key);
    expectFirst(first);
    expectReplayOf(first, await merchant.post("/intents/", body, keyed(key)));
    expectReplayOf(first, await merchant.post("/intents?unknown=1", body, keyed(key)));
  });

  it("are the same however the id and the empty body are written", async () => {
    const { intent_id } = await merchant.createIntent();
    const { subscriptionId } = await subscribe(platform);
    for (const [collection, prefix, id] of [
      ["intents", "pi_", intent_id],
      ["subscriptions", "sub_", subscriptionId],
    ] as const) {
      const bare = id.slice(prefix.length);
      const spellings = [id, bare, bare.toUpperCase(), id.replace("_", "%5F")];
      const forms = spellings.flatMap((each) =>
        [`${each}/cancel`, `${each}/cancel/`].flatMap((path) =>
          [undefined, {}].map((body) => ({ path, body })),
        ),
      );
      for (const { path, body } of [forms[0], forms.at(-1)].flatMap((form) => form ?? [])) {
        const key = randomUUID();
        const first = await merchant.post(`/${collection}/${path}`, body, keyed(key));
        expectFirst(first);
        for (const form of forms)
          expectReplayOf(first, await merchant.post(`/${collection}/${form.path}`, form.body, keyed(key)));
        const other = await merchant.post(`/${collection}/${path}`, { reason: "no" }, keyed(key));
        expect(other.body).toEqual(REUSED);
      }
    }
  });

  it("are the same as on a key that was kept before spellings were: by the path and body as they were sent", async () => {
    const { intent_id } = await merchant.createIntent();
    const bare = intent_id.slice(3);
    for (const [path, body] of [
      [`/intents/${intent_id}/cancel`, undefined],
      [`/intents/${intent_id}/cancel`, {}],
      [`/intents/${bare}/cancel`, {}],
      [`/intents/${bare}/cancel/`, undefined],
    ] as const) {
      const key = randomUUID();
      const kept = `POST /api/platform${path}\n${body === undefined ? "" : JSON.stringify(body)}`;
      const first = await merchant.post(path, body, keyed(key));
      await inDatabase(
        "update idempotency_keys set fingerprint = sha256(convert_to($2, 'UTF8')) where key = $1",
        [key, kept],
      );
      expectReplayOf(first, await merchant.post(path, body, keyed(key)));
      const other = await merchant.post(`/intents/${randomUUID()}/cancel`, body, keyed(key));
      expect(other.body).toEqual(REUSED);
    }
  });

  it("are answered as at first, though the intent has moved on", async () => {
    const [key, body] = [randomUUID(), anIntent()];
    const first = await create(body, key);
    await pay(first.body.data.payment_url);
    const again = await create(body, key);
    expectReplayOf(first, again);
    expect(again.body.data.status).toBe("requires_payment");
  });

  it("replay a cancel too, and tell nobody twice", async () => {
    const [key, { intent_id }] = [randomUUID(), await merchant.createIntent()];
    const cancel = () => merchant.post(`/intents/${intent_id}/cancel`, undefined, keyed(key));
    const first = await cancel();
    expectFirst(first);
    expectReplayOf(first, await cancel());
    expectFirst(await merchant.post(`/intents/${intent_id}/cancel`, undefined, keyed(randomUUID())));
    await platform.settled();
    expect(platform.sink.of("payment.canceled", intent_id)).toHaveLength(1);
  });

  it("replay a subscription's cancel too", async () => {
    const [key, { subscriptionId, intentId }] = [randomUUID(), await subscribe(platform)];
    const cancel = () => merchant.post(`/subscriptions/${subscriptionId}/cancel`, {}, keyed(key));
    const first = await cancel();
    expectFirst(first);
    expectReplayOf(first, await cancel());
    await platform.settled();
    expect(platform.sink.of("subscription.canceled", intentId)).toHaveLength(1);
  });
});

describe("a key", () => {
  it("is the same bare and quoted", async () => {
    const [key, body] = [randomUUID(), anIntent()];
    const first = await create(body, key);
    expectFirst(first);
    expectReplayOf(first, await create(body, `"${key}"`));
    expectReplayOf(first, await create(body, `  "${key}"  `));
    const [other, otherBody] = [randomUUID(), anIntent()];
    const quoted = await create(otherBody, `"${other}"`);
    expectFirst(quoted);
    expectReplayOf(quoted, await create(otherBody, other));
  });

  it("may be 255 visible characters, bare or between quotes", async () => {
    const key = `${randomUUID()}!#$%&'*+,-./:;<=>?@[]^_\`{|}~`.padEnd(255, "x");
    const body = anIntent();
    const first = await create(body, key);
    expectFirst(first);
    expectReplayOf(first, await create(body, `"${key}"`));
    expectFirst(await create(anIntent(), `${key.slice(0, -1)}y`));
    expectFirst(await create(anIntent(), "k"));
  });

  it.each([
    ["empty", ""],
    ["blank", "   "],
    ["of quotes alone", '""'],
    ["256 characters long", "x".repeat(256)],
    ["256 characters long between quotes", `"${"x".repeat(256)}"`],
    ["with a blank inside", "a b"],
    ["blank between quotes", '" "'],
    ["with a tab inside", "a\tb"],
    ["beyond ASCII", "sch\u00f6n"],
  ])("that is %s is refused with 400, and nothing happens", async (_, key) => {
    const body = anIntent();
    const { intent_id } = await merchant.createIntent();
    for (const [path, sent] of [
      ["/intents", body],
      [`/intents/${intent_id}/cancel`, {}],
    ] as const) {
      const reply = await merchant.post(path, sent, keyed(key));
      expect(reply.status).toBe(400);
      expect(reply.body).toEqual({
        success: false,
        message: "The Idempotency-Key header must be 1 to 255 visible characters.",
        data: [],
      });
    }
    expect((await merchant.get(`/intents/reference/${String(body["reference_id"])}`)).status).toBe(404);
    expect((await merchant.intent(intent_id)).status).toBe("requires_payment");
  });

  it("that is sent twice is refused with 400", async () => {
    const reply = await rawRequest(platform.url, {
      method: "POST",
      path: "/api/platform/intents",
      headers: {
        "x-client-id": merchant.clientId,
        "x-client-secret": merchant.clientSecret,
        "content-type": "application/json",
        "idempotency-key": ["one", "two"],
      },
      body: JSON.stringify(anIntent()),
    });
    expect(reply.status).toBe(400);
  });

  it("means nothing on a GET", async () => {
    const { intent_id } = await merchant.createIntent();
    for (const key of ["k", "a b", ""]) {
      const reply = await merchant.get(`/intents/${intent_id}`, keyed(key));
      expectFirst(reply);
    }
  });
});

describe("a key that was used with another request", () => {
  it("is refused for another body, sound or not", async () => {
    const [key, body] = [randomUUID(), anIntent()];
    expectFirst(await create(body, key));
    for (const other of [
      { ...body, amount: 81 },
      { ...body, amount: "80" },
      { ...body, reference_id: randomUUID() },
      { ...body, metadata: { internal_id: "1000" } },
      { ...body, amount: -1 },
      {},
    ]) {
      const reply = await create(other, key);
      expect(reply.status).toBe(422);
      expect(reply.body).toEqual(REUSED);
    }
    expect((await merchant.post("/intents", undefined, keyed(key))).body).toEqual(REUSED);
  });

  it("is refused on another path, there too before anything else is found wrong", async () => {
    const [key, body] = [randomUUID(), anIntent()];
    const { intent_id } = (await create(body, key)).body.data;
    const other = await merchant.createIntent();
    const { subscriptionId } = await subscribe(platform);
    for (const path of [
      `/intents/${intent_id}/cancel`,
      `/intents/${other.intent_id}/cancel`,
      `/intents/${randomUUID()}/cancel`,
      `/subscriptions/${subscriptionId}/cancel`,
      "/test/clock/advance",
    ]) {
      const reply = await merchant.post(path, body, keyed(key));
      expect(reply.status, path).toBe(422);
      expect(reply.body, path).toEqual(REUSED);
    }
    expect((await merchant.intent(intent_id)).status).toBe("requires_payment");
    expect((await merchant.get(`/subscriptions/${subscriptionId}`)).body.data.status).toBe("active");
    const cancelKey = randomUUID();
    expectFirst(await merchant.post(`/intents/${intent_id}/cancel`, {}, keyed(cancelKey)));
    const elsewhere = await merchant.post(`/intents/${other.intent_id}/cancel`, {}, keyed(cancelKey));
    expect(elsewhere.body).toEqual(REUSED);
    expect((await merchant.intent(other.intent_id)).status).toBe("requires_payment");
  });
});

describe("a refused request", () => {
  it("does not take its key, whyever it was refused", async () => {
    const key = randomUUID();
    const taken = anIntent();
    await merchant.post("/intents", taken);
    expect((await create({ ...taken, amount: 1 }, key)).body.errors).toHaveProperty("reference_id");
    expect((await create(anIntent({ email: "nobody" }), key)).status).toBe(422);
    expect((await create("{", key)).status).toBe(400);
    expect((await merchant.post(`/intents/${randomUUID()}/cancel`, {}, keyed(key))).status).toBe(404);
    const paid = await merchant.createIntent();
    await pay(paid.payment_url);
    expect((await merchant.post(`/intents/${paid.intent_id}/cancel`, {}, keyed(key))).status).toBe(400);
    const stranger = await newMerchant(platform, { permissions: [] });
    expect((await create(anIntent(), key, stranger)).status).toBe(403);

    const body = anIntent();
    const first = await create(body, key);
    expectFirst(first);
    expectReplayOf(first, await create(body, key));
  });

  it("is looked at anew each time", async () => {
    const [key, body] = [randomUUID(), anIntent()];
    const { intent_id } = await merchant.createIntent({ reference_id: body["reference_id"] });
    expect((await create(body, key)).status).toBe(422);
    await inDatabase("update intents set reference_id = reference_id || '-old' where intent_id = $1", [
      intent_id.slice(3),
    ]);
    expectFirst(await create(body, key));
  });
});

describe("whose a key is", () => {
  it("another account's, and the other mode's, is not the same key", async () => {
    const name = `Merchant ${randomUUID()}`;
    const test = await newMerchant(platform, { merchant: name });
    const live = await newMerchant(platform, { merchant: name, mode: "live" });
    const [key, body] = [randomUUID(), anIntent()];
    const first = await create(body, key);
    expectFirst(first);
    const second = await create(body, key, test);
    expectFirst(second);
    expect(second.body.data.intent_id).not.toBe(first.body.data.intent_id);
    // Live mode has no processor here: the request is refused for that, not for its key.
    expect((await create({ ...body, amount: 1 }, key, live)).status).toBe(400);
    expectReplayOf(first, await create(body, key));
  });

  it("another client of the same account shares it", async () => {
    const name = `Merchant ${randomUUID()}`;
    const [one, two] = [
      await newMerchant(platform, { merchant: name }),
      await newMerchant(platform, { merchant: name }),
    ];
    const [key, body] = [randomUUID(), anIntent()];
    const first = await create(body, key, one);
    expectReplayOf(first, await create(body, key, two));
  });
});

describe("how long a key is remembered", () => {
  it("24 hours of wall time, whatever the test clock shows", async () => {
    const account = await newMerchant(platform);
    const [key, body] = [randomUUID(), anIntent()];
    const first = await create(body, key, account);
    await account.advance({ seconds: 3 * 86_400 });
    expectReplayOf(first, await create(body, key, account));
    await age(key, "23 hours 59 minutes");
    expectReplayOf(first, await create(body, key, account));
    await age(key, "24 hours 1 second");
    // Free again: the same body is a new request, whose reference is taken; another body succeeds.
    const again = await create(body, key, account);
    expect(again.status).toBe(422);
    expect(again.body.errors).toHaveProperty("reference_id");
    const other = anIntent();
    const second = await create(other, key, account);
    expectFirst(second);
    expect(second.body.data.intent_id).not.toBe(first.body.data.intent_id);
    expectReplayOf(second, await create(other, key, account));
  });

  it("and on a cancel as well", async () => {
    const [key, one, two] = [randomUUID(), await merchant.createIntent(), await merchant.createIntent()];
    const cancel = (id: string) => merchant.post(`/intents/${id}/cancel`, {}, keyed(key));
    expectFirst(await cancel(one.intent_id));
    expect((await cancel(two.intent_id)).status).toBe(422);
    await age(key, "24 hours 1 second");
    const second = await cancel(two.intent_id);
    expectFirst(second);
    expectReplayOf(second, await cancel(two.intent_id));
  });

  async function age(key: string, by: string): Promise<void> {
    const set = "update idempotency_keys set created_at = clock_timestamp() - $2::interval where key = $1";
    // Swept away meanwhile, it is free all the same.
    await inDatabase(set, [key, by]);
  }
});
