/** When a subscription is charged: cycle n at anchor + n × interval, however the time passes (contract section 4). */
import { beforeAll, describe, expect, it } from "vitest";
import { type Instant, parseInstant, plusDays } from "../../src/base/instant.ts";
import {
  answerChallenge,
  CARDS,
  type Json,
  pay,
  startPlatform,
  subscribe,
  type TestPlatform,
} from "../support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});

describe("a subscription renews on its schedule", () => {
  it.each([
    ["in one jump", [100]],
    ["day by day and by halves", [0.5, 0.25, 29, 0.5, 3, 26.75, 29.99, 0.01, 10]],
    ["from one due time to the next", [30, 30, 30, 10]],
  ])("at the same instants when time passes %s", async (_, days) => {
    const { subscriptionId, intentId } = await subscribe(platform);
    const { anchor } = await look(subscriptionId);
    let passed = 0;
    for (const step of days) {
      passed += step;
      // Counted from the anchor, and not from step to step, since the clock runs on between two of them.
      const to = new Date(Number(anchor / 1000n) + 1 + passed * 86_400_000).toISOString();
      await platform.merchant.advance({ to });
      const cycle = Math.floor(passed / 30 + 1e-9);
      expect(await look(subscriptionId)).toMatchObject({
        status: "active",
        current_cycle: cycle,
        next: plusDays(anchor, 30 * (cycle + 1)),
      });
    }
    expect(renewals(intentId)).toEqual([30, 60, 90].map((day) => plusDays(anchor, day)));
    await cancel(subscriptionId);
  });

  it("every day, to the microsecond, when the interval is one day", async () => {
    const { subscriptionId, intentId } = await subscribe(platform, { intervalDays: 1 });
    const { anchor } = await look(subscriptionId);
    await platform.merchant.advance({ seconds: 40 * 86_400 });
    expect(renewals(intentId)).toEqual(Array.from({ length: 40 }, (_, n) => plusDays(anchor, n + 1)));
    expect(await look(subscriptionId)).toMatchObject({ current_cycle: 40, next: plusDays(anchor, 41) });
    await cancel(subscriptionId);
  });

  it("every ten years when the interval is the longest", async () => {
    const { subscriptionId, intentId } = await subscribe(platform, { intervalDays: 3650 });
    const { anchor } = await look(subscriptionId);
    await platform.merchant.advance({ seconds: 3649 * 86_400 });
    expect(renewals(intentId)).toEqual([]);
    await platform.merchant.advance({ seconds: 2 * 86_400 });
    expect(renewals(intentId)).toEqual([plusDays(anchor, 3650)]);
    expect(await look(subscriptionId)).toMatchObject({ current_cycle: 1, next: plusDays(anchor, 7300) });
    await cancel(subscriptionId);
  });

  it("each by its own interval, and all of them in the order of time", async () => {
    const subscribed = [];
    for (const intervalDays of [7, 10, 31, 45])
      subscribed.push({ intervalDays, ...(await subscribe(platform, { intervalDays })) });
    const from = platform.sink.received.length;
    await platform.merchant.advance({ seconds: 93 * 86_400 });
    for (const { intervalDays, intentId, subscriptionId } of subscribed) {
      const { anchor } = await look(subscriptionId);
      const cycles = Array.from({ length: Math.floor(93 / intervalDays) }, (_, n) => n + 1);
      expect(renewals(intentId)).toEqual(cycles.map((cycle) => plusDays(anchor, cycle * intervalDays)));
      await cancel(subscriptionId);
    }
    const told = platform.sink.received.slice(from).map((received) => String(received.payload["created_at"]));
    expect(told.length).toBeGreaterThan(25);
    expect(told).toEqual(told.toSorted());
  });

  it("with one charge a cycle, of the same amount and card, listed with the intent", async () => {
    const { subscriptionId, intentId } = await subscribe(platform, { change: { amount: "19.99" } });
    await platform.merchant.advance({ seconds: 61 * 86_400 });
    const { charges, status, subscription_id } = await platform.merchant.intent(intentId);
    expect({ status, subscription_id }).toEqual({ status: "succeeded", subscription_id: subscriptionId });
    expect(charges.map((charge: Json) => [charge.cycle, charge.status, charge.amount])).toEqual([
      [2, "succeeded", "19.99"],
      [1, "succeeded", "19.99"],
      [0, "succeeded", "19.99"],
    ]);
    expect(new Set(charges.map((charge: Json) => charge.charge_id)).size).toBe(3);
    await cancel(subscriptionId);
  });

  it("without asking the customer again where only the first charge met a challenge", async () => {
    const { merchant, sink } = platform;
    const created = await merchant.createIntent({ intent_type: "recurring", interval_days: 30 });
    await answerChallenge(await pay(created.payment_url, CARDS.challengeOnce), "complete");
    const { subscription_id } = await merchant.intent(created.intent_id);
    await merchant.advance({ seconds: 31 * 86_400 });
    expect(sink.typesFor(created.intent_id)).toEqual([
      "payment.succeeded",
      "subscription.created",
      "subscription.renewed",
    ]);
    await cancel(subscription_id);
  });
});

describe("after an outage", () => {
  it("longer than a cycle, one charge is made for the current cycle and none for those missed", async () => {
    const { subscriptionId, intentId } = await subscribe(platform);
    const { anchor } = await look(subscriptionId);
    const back = await platform.merchant.advance({ seconds: 100 * 86_400, skip: true });
    expect(renewals(intentId)).toEqual([instant(back)]);
    expect(await look(subscriptionId)).toMatchObject({
      status: "active",
      current_cycle: 3,
      next: plusDays(anchor, 120),
    });
    expect((await platform.merchant.intent(intentId)).charges.map((charge: Json) => charge.cycle)).toEqual([
      3, 0,
    ]);
    await platform.merchant.advance({ seconds: 30 * 86_400 });
    expect(renewals(intentId)).toEqual([instant(back), plusDays(anchor, 120)]);
    await cancel(subscriptionId);
  });

  it("within a cycle, the late charge moves nothing of the schedule", async () => {
    const { subscriptionId, intentId } = await subscribe(platform);
    const { anchor } = await look(subscriptionId);
    const back = await platform.merchant.advance({ seconds: 41 * 86_400, skip: true });
    expect(await look(subscriptionId)).toMatchObject({ current_cycle: 1, next: plusDays(anchor, 60) });
    await platform.merchant.advance({ seconds: 20 * 86_400 });
    expect(renewals(intentId)).toEqual([instant(back), plusDays(anchor, 60)]);
    await cancel(subscriptionId);
  });

  it("a refused late charge is retried at those of its days that are still to come", async () => {
    const { subscriptionId, intentId } = await subscribe(platform, { number: CARDS.firstOnly });
    const { anchor } = await look(subscriptionId);
    await platform.merchant.advance({ seconds: 34 * 86_400, skip: true });
    expect(await look(subscriptionId)).toMatchObject({ status: "past_due", next: plusDays(anchor, 35) });
    await platform.merchant.advance({ seconds: 20 * 86_400 });
    expect(await look(subscriptionId)).toMatchObject({ status: "unpaid", next: null });
    const failures = platform.sink.of("subscription.failed", intentId).map(createdAt);
    expect(failures.slice(1)).toEqual([plusDays(anchor, 35), plusDays(anchor, 37)]);
    expect(failures).toHaveLength(3);
  });

  it("a debt gets one charge, though several retries were missed", async () => {
    const { subscriptionId, intentId } = await subscribe(platform, { number: CARDS.firstOnly });
    const { anchor } = await look(subscriptionId);
    await platform.merchant.advance({ seconds: 30 * 86_400 + 60 });
    expect(await look(subscriptionId)).toMatchObject({ status: "past_due", next: plusDays(anchor, 31) });
    await platform.merchant.advance({ seconds: 5.5 * 86_400, skip: true });
    expect(platform.sink.of("subscription.failed", intentId)).toHaveLength(2);
    expect(await look(subscriptionId)).toMatchObject({ status: "past_due", next: plusDays(anchor, 37) });
  });
});

/** The subscription as the API shows it, with its times as instants. */
async function look(subscriptionId: string): Promise<Json> {
  const reply = await platform.merchant.get(`/subscriptions/${subscriptionId}`);
  expect(reply.status, reply.text).toBe(200);
  const { anchor_at, next_charge_at } = reply.body.data;
  return { ...reply.body.data, anchor: instant(anchor_at), next: next_charge_at && instant(next_charge_at) };
}

async function cancel(subscriptionId: string): Promise<void> {
  expect((await platform.merchant.post(`/subscriptions/${subscriptionId}/cancel`)).status).toBe(200);
}

function renewals(intentId: string): Instant[] {
  return platform.sink.of("subscription.renewed", intentId).map(createdAt);
}

function createdAt(received: { payload: Record<string, unknown> }): Instant {
  return instant(String(received.payload["created_at"]));
}

function instant(text: string): Instant {
  const read = parseInstant(text);
  if (read === undefined) throw new Error(`Not an instant: ${text}`);
  return read;
}
