/** The user's own document, line by line: each endpoint with its example, its envelope and its fields. */
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import {
  anIntent,
  CARDS,
  checkoutState,
  eventually,
  pay,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../support/platform.ts";

const UUID7 = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
const INTENT_ID = new RegExp(`^pi_${UUID7}$`);
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const DAY_MS = 86_400_000;

/** The body of the document's curl example, as it is spelt there, with a reference of its own. */
const example = (reference: string) => `{
    "amount": 80,
    "currency": "USD",
    "intent_type": "recurring",
    "interval_days": 30,
    "email": "customer@example.com",
    "name": "John Doe",
    "reference_id" : "${reference}",
    "customer_ref_id": "CUST-001",
    "integration_type": "iframe",
    "success_url": "https://example.com/success",
    "cancel_url": "https://example.com/cancel",
    "metadata": {
        "internal_id": "999"
    },
    "order_items": [
        {
            "name": "Product 1",
            "quantity": 1,
            "price": 50.00
        }
    ]
  }`;

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

describe("POST /intents", () => {
  it("answers the document's example with id, status, amount and payment link, and nothing else", async () => {
    const reply = await platform.merchant.post("/intents", example("ORDER-123456"), {
      "idempotency-key": randomUUID(),
    });
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(reply.headers.get("idempotency-replayed")).toBeNull();
    expect(Object.keys(reply.body)).toEqual(["success", "data"]);
    expect(reply.body.success).toBe(true);
    expect(Object.keys(reply.body.data)).toEqual(["intent_id", "status", "amount", "payment_url"]);
    expect(reply.body.data).toMatchObject({ status: "requires_payment", amount: "80.00" });
    expect(reply.body.data.intent_id).toMatch(INTENT_ID);
    expect(reply.body.data.payment_url).toMatch(
      new RegExp(`^${platform.running.publicUrl}/pay/[\\w-]{22,}$`),
    );
    const page = await fetch(reply.body.data.payment_url);
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toContain("text/html");
  });

  it("gives every intent an id, a link and a time of its own, in the order of creation", async () => {
    const created = [];
    for (let count = 0; count < 5; count++) created.push(await platform.merchant.createIntent());
    const ids = created.map((intent) => intent.intent_id);
    expect(new Set(ids).size).toBe(5);
    expect(new Set(created.map((intent) => intent.payment_url)).size).toBe(5);
    // A version 7 UUID begins with its millisecond.
    const born = ids.map((id) => Number.parseInt(id.slice(3).replaceAll("-", "").slice(0, 12), 16));
    expect(born).toEqual(born.toSorted((a, b) => a - b));
    expect(Math.abs(Date.now() - (born[0] ?? 0))).toBeLessThan(60_000);
  });
});

describe("GET /intents/{uuid} and /intents/reference/{reference_id}", () => {
  it("answer every field of the document, by id, by the bare UUID and by reference alike", async () => {
    const { merchant } = platform;
    const reference = `ORDER_${randomUUID()}`;
    const body = { ...JSON.parse(example(reference)), tax: 10, discount: "5.00" };
    const { intent_id, payment_url } = (await merchant.post("/intents", body)).body.data;
    const byId = await merchant.get(`/intents/${intent_id}`);
    expect(byId.status).toBe(200);
    expect(byId.body).toEqual({ success: true, data: expect.any(Object) });
    expect(byId.body.data).toMatchObject({
      intent_id,
      reference_id: reference,
      amount: "80.00",
      currency: "USD",
      status: "requires_payment",
      payment_url,
      type: "recurring",
      interval_days: 30,
      expires_at: expect.stringMatching(TIME),
      tax: "10.00",
      discount: "5.00",
      order_items: [{ name: "Product 1", quantity: 1, price: "50.00" }],
      metadata: { internal_id: "999" },
      customer: {
        customer_id: expect.stringMatching(new RegExp(`^cus_${UUID7}$`)),
        customer_ref_id: "CUST-001",
        email: "customer@example.com",
        name: "John Doe",
      },
      subscription_id: null,
      charges: [],
    });
    const bare = intent_id.slice(3);
    for (const path of [bare, bare.toUpperCase(), `${intent_id}/`, `reference/${reference}`]) {
      const same = await merchant.get(`/intents/${path}`);
      expect(same.status, path).toBe(200);
      expect(same.text, path).toBe(byId.text);
    }
  });

  it("shows what was left out: zero tax and discount, no interval, no addresses, empty metadata", async () => {
    const { merchant } = platform;
    const { intent_id } = await merchant.createIntent({ metadata: undefined, interval_days: 7 });
    expect(await merchant.intent(intent_id)).toMatchObject({
      type: "one_time",
      interval_days: null,
      tax: "0.00",
      discount: "0.00",
      success_url: null,
      cancel_url: null,
      metadata: {},
      customer: { customer_ref_id: null },
    });
  });

  it("lets an intent expire 24 hours after its creation, to the microsecond", async () => {
    const { intent_id } = await platform.merchant.createIntent();
    const { created_at, expires_at } = await platform.merchant.intent(intent_id);
    expect(created_at).toMatch(TIME);
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(DAY_MS);
    expect(expires_at.slice(-8)).toBe(created_at.slice(-8));
    expect(Math.abs(Date.now() - Date.parse(created_at))).toBeLessThan(60_000);
  });

  it("shows a paid recurring intent as succeeded, with its charge and its subscription", async () => {
    const { merchant } = platform;
    const { intentId, subscriptionId } = await subscribe(platform);
    const intent = await merchant.intent(intentId);
    expect(subscriptionId).toMatch(new RegExp(`^sub_${UUID7}$`));
    expect(intent).toMatchObject({ status: "succeeded", type: "recurring", subscription_id: subscriptionId });
    expect(intent.charges).toHaveLength(1);
    expect(intent.charges[0]).toMatchObject({ status: "succeeded", amount: "80.00", currency: "USD" });
    expect(Number.isSafeInteger(intent.charges[0].charge_id)).toBe(true);
    expect(intent.charges[0].charge_id).toBeGreaterThan(0);
  });

  it.each([
    ["a UUID that nobody has", `/intents/pi_${randomUUID()}`],
    ["a bare UUID that nobody has", `/intents/${randomUUID()}`],
    ["another kind's prefix", `/intents/sub_${randomUUID()}`],
    ["a word", "/intents/nothing"],
    ["the word reference alone", "/intents/reference"],
    ["an unknown reference", "/intents/reference/ORDER-nobody"],
    ["a reference with U+0000", "/intents/reference/A%00B"],
    ["a reference with letters that none has", "/intents/reference/%F0%9F%98%80"],
    ["a reference of 300 characters", `/intents/reference/${"a".repeat(300)}`],
    ["a reference of 3000 characters", `/intents/reference/${"a".repeat(3_000)}`],
  ])("answer 404 in the envelope for %s", async (_, path) => {
    const reply = await platform.merchant.get(path);
    expect(reply.status).toBe(404);
    expect(reply.body).toEqual({ success: false, message: expect.any(String), data: [] });
  });
});

describe("POST /intents/{uuid}/cancel", () => {
  it("cancels a pending intent, answers the same again, and tells the merchant once", async () => {
    const { merchant, sink } = platform;
    const { intent_id, payment_url } = await merchant.createIntent();
    const first = await merchant.post(`/intents/${intent_id}/cancel`);
    expect(first.status).toBe(200);
    expect(first.text).toBe(`{"success":true,"data":{"intent_id":"${intent_id}","status":"cancelled"}}`);
    for (const id of [intent_id, intent_id.slice(3)]) {
      const again = await merchant.post(`/intents/${id}/cancel`, {});
      expect(again.status).toBe(200);
      expect(again.text).toBe(first.text);
    }
    expect((await merchant.intent(intent_id)).status).toBe("cancelled");
    expect((await checkoutState(payment_url)).status).toBe("cancelled");
    await pay(payment_url);
    expect(await merchant.intent(intent_id)).toMatchObject({ status: "cancelled", charges: [] });
    await eventually(() => sink.of("payment.canceled", intent_id).length > 0);
    await platform.settled();
    expect(sink.typesFor(intent_id)).toEqual(["payment.canceled"]);
    const [told] = sink.of("payment.canceled", intent_id);
    expect(told?.payload).toMatchObject({
      intent_id,
      message: expect.any(String),
      metadata: expect.any(Object),
    });
  });

  it("cancels an intent whose challenge is open", async () => {
    const { merchant } = platform;
    const { intent_id, payment_url } = await merchant.createIntent();
    expect((await pay(payment_url, CARDS.challengeThenSucceeds)).status).toBe("requires_action");
    expect((await merchant.post(`/intents/${intent_id}/cancel`)).body.data.status).toBe("cancelled");
    expect((await merchant.intent(intent_id)).status).toBe("cancelled");
  });

  it("refuses a paid intent with 400 and its status", async () => {
    const { merchant } = platform;
    const { intent_id, payment_url } = await merchant.createIntent();
    await pay(payment_url);
    const reply = await merchant.post(`/intents/${intent_id}/cancel`);
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({ success: false, message: expect.stringContaining("succeeded"), data: [] });
    expect((await merchant.intent(intent_id)).status).toBe("succeeded");
  });

  it("refuses an intent that failed for good with 400 and its status", async () => {
    const { merchant } = platform;
    const { intent_id, payment_url } = await merchant.createIntent();
    for (let attempt = 0; attempt < 10; attempt++) await pay(payment_url, CARDS.declined);
    expect((await merchant.intent(intent_id)).status).toBe("failed");
    const reply = await merchant.post(`/intents/${intent_id}/cancel`);
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({ success: false, message: expect.stringContaining("failed"), data: [] });
  });

  it("answers 404 for an unknown intent", async () => {
    for (const id of [`pi_${randomUUID()}`, randomUUID(), "x"]) {
      const reply = await platform.merchant.post(`/intents/${id}/cancel`);
      expect(reply.status).toBe(404);
      expect(reply.body).toEqual({ success: false, message: "No such payment intent.", data: [] });
    }
  });
});

describe("POST /subscriptions/{uuid}/cancel", () => {
  it("cancels an active subscription, answers the same again, and tells the merchant once", async () => {
    const { merchant, sink } = platform;
    const { intentId, subscriptionId } = await subscribe(platform);
    const first = await merchant.post(`/subscriptions/${subscriptionId}/cancel`);
    expect(first.status).toBe(200);
    expect(first.text).toBe(
      `{"success":true,"data":{"subscription_id":"${subscriptionId}","status":"cancelled"}}`,
    );
    for (const id of [subscriptionId, subscriptionId.slice(4)]) {
      expect((await merchant.post(`/subscriptions/${id}/cancel`, {})).text).toBe(first.text);
    }
    const shown = (await merchant.get(`/subscriptions/${subscriptionId}`)).body.data;
    expect(shown).toMatchObject({ status: "cancelled", next_charge_at: null, intent_id: intentId });
    expect((await merchant.intent(intentId)).status).toBe("succeeded");
    await eventually(() => sink.of("subscription.canceled", intentId).length > 0);
    await platform.settled();
    expect(sink.of("subscription.canceled", intentId)).toHaveLength(1);
    expect(sink.of("subscription.canceled", intentId)[0]?.payload).toMatchObject({
      subscription_id: subscriptionId,
      intent_id: intentId,
      message: expect.any(String),
      metadata: { internal_id: "999" },
    });
  });

  it("answers 404 for an unknown subscription, an intent's id among them", async () => {
    const { intentId } = await subscribe(platform);
    for (const id of [`sub_${randomUUID()}`, randomUUID(), "x", intentId, intentId.slice(3)]) {
      const reply = await platform.merchant.post(`/subscriptions/${id}/cancel`);
      expect(reply.status, id).toBe(404);
      expect(reply.body).toEqual({ success: false, message: "No such subscription.", data: [] });
      expect((await platform.merchant.get(`/subscriptions/${id}`)).status, id).toBe(404);
    }
  });

  it("shows a subscription with the fields that the contract names", async () => {
    const { intentId, subscriptionId } = await subscribe(platform, { intervalDays: 7 });
    const reply = await platform.merchant.get(`/subscriptions/${subscriptionId}`);
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      success: true,
      data: {
        subscription_id: subscriptionId,
        intent_id: intentId,
        status: "active",
        amount: "80.00",
        currency: "USD",
        interval_days: 7,
        current_cycle: 0,
        next_charge_at: expect.stringMatching(TIME),
      },
    });
    const { anchor_at, next_charge_at } = reply.body.data;
    expect(Date.parse(next_charge_at) - Date.parse(anchor_at)).toBe(7 * DAY_MS);
  });
});

/** Last, since it moves the account's clock. */
describe("after 24 hours", () => {
  it("an unpaid intent is expired: shown so, neither paid nor cancelled, and nobody is told", async () => {
    const { merchant, sink } = platform;
    const { intent_id, payment_url } = await merchant.createIntent(anIntent());
    await merchant.advance({ seconds: 86_400 });
    expect((await merchant.intent(intent_id)).status).toBe("expired");
    const reply = await merchant.post(`/intents/${intent_id}/cancel`);
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({ success: false, message: expect.stringContaining("expired"), data: [] });
    await pay(payment_url);
    expect(await merchant.intent(intent_id)).toMatchObject({ status: "expired", charges: [] });
    await platform.settled();
    expect(sink.typesFor(intent_id)).toEqual([]);
  });
});
