/** Renewals that are refused: when they are tried again, what that makes of the subscription, and when it ends (contract section 4). */
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Instant, parseInstant, plusDays } from "../../src/base/instant.ts";
import { sql } from "../../src/store/sql.ts";
import { CARDS, type Json, startPlatform, subscribe, type TestPlatform } from "../support/platform.ts";

const DAY = 86_400;
const subscribed: string[] = [];
let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
// What one test leaves running would renew in the next one's years.
afterEach(async () => {
  for (const id of subscribed.splice(0)) await platform.merchant.post(`/subscriptions/${id}/cancel`);
});

describe("a renewal that keeps being declined", () => {
  it("is retried 1, 3, 5 and 7 days after it was due, and then never", async () => {
    const { merchant, sink } = platform;
    const { subscriptionId, intentId, anchor } = await start({ number: CARDS.firstOnly });
    const due = plusDays(anchor, 30);
    for (const [day, next] of [
      [0, 1],
      [1, 3],
      [3, 5],
      [5, 7],
    ] as const) {
      await advanceTo(plusDays(due, day), 60);
      expect(await look(subscriptionId)).toMatchObject({
        status: "past_due",
        current_cycle: 0,
        next: plusDays(due, next),
      });
    }
    await advanceTo(plusDays(due, 7), 60);
    expect(await look(subscriptionId)).toMatchObject({ status: "unpaid", current_cycle: 0, next: null });
    await merchant.advance({ seconds: 365 * DAY });
    expect(failures(intentId)).toEqual([0, 1, 3, 5, 7].map((day) => plusDays(due, day)));
    expect(await look(subscriptionId)).toMatchObject({ status: "unpaid", next: null });
    expect(sink.typesFor(intentId)).toEqual([
      "payment.succeeded",
      "subscription.created",
      ...Array<string>(5).fill("subscription.failed"),
    ]);
    for (const { payload } of sink.of("subscription.failed", intentId)) {
      expect(payload["message"]).toBe("The card was declined.");
    }
    const { charges, status } = await merchant.intent(intentId);
    expect(status).toBe("succeeded");
    expect(charges.map((charge: Json) => charge.failure_code)).toEqual([
      ...Array<string>(5).fill("generic_decline"),
      null,
    ]);
  });

  it("has one debt: cycles that fall due meanwhile are not charged beside it", async () => {
    const { subscriptionId, intentId, anchor } = await start({ number: CARDS.firstOnly, intervalDays: 1 });
    await platform.merchant.advance({ seconds: 60 * DAY });
    expect(failures(intentId)).toEqual([1, 2, 4, 6, 8].map((day) => plusDays(anchor, day)));
    expect(await look(subscriptionId)).toMatchObject({ status: "unpaid", current_cycle: 0, next: null });
  });

  it("tells the reason of each refusal", async () => {
    const reasons = {
      insufficient_funds: "The card has insufficient funds.",
      incorrect_cvc: "The card's security code is incorrect.",
      processing_error: "The card could not be processed because of a processing error.",
      challenge_then_succeeds: "The card requires authentication by the customer.",
    };
    for (const [behaviour, message] of Object.entries(reasons)) {
      const { subscriptionId, intentId, anchor } = await start();
      await behave(subscriptionId, behaviour);
      await advanceTo(plusDays(anchor, 30), 1);
      expect(
        platform.sink.of("subscription.failed", intentId).map((told) => told.payload["message"]),
      ).toEqual([message]);
      expect((await look(subscriptionId)).status).toBe("past_due");
      await platform.merchant.post(`/subscriptions/${subscriptionId}/cancel`);
    }
  });
});

describe("a retry that succeeds", () => {
  it("makes the subscription active again and leaves its schedule as it was", async () => {
    const { sink } = platform;
    const { subscriptionId, intentId, anchor } = await start({ number: CARDS.firstOnly });
    await advanceTo(plusDays(anchor, 31), 60);
    await behave(subscriptionId, "succeeds");
    await advanceTo(plusDays(anchor, 33), 60);
    expect(renewals(intentId)).toEqual([plusDays(anchor, 33)]);
    expect(await look(subscriptionId)).toMatchObject({
      status: "active",
      current_cycle: 1,
      next: plusDays(anchor, 60),
    });
    await advanceTo(plusDays(anchor, 91), 0);
    expect(renewals(intentId)).toEqual([33, 60, 90].map((day) => plusDays(anchor, day)));
    expect(sink.typesFor(intentId).slice(2)).toEqual([
      "subscription.failed",
      "subscription.failed",
      "subscription.renewed",
      "subscription.renewed",
      "subscription.renewed",
    ]);
  });

  it("pays the cycle that is current by then, and earlier ones lapse", async () => {
    const { subscriptionId, intentId, anchor } = await start({ number: CARDS.firstOnly, intervalDays: 1 });
    await advanceTo(plusDays(anchor, 3), 60);
    await behave(subscriptionId, "succeeds");
    await advanceTo(plusDays(anchor, 4), 60);
    expect(await look(subscriptionId)).toMatchObject({
      status: "active",
      current_cycle: 4,
      next: plusDays(anchor, 5),
    });
    await advanceTo(plusDays(anchor, 6), 60);
    expect(renewals(intentId)).toEqual([4, 5, 6].map((day) => plusDays(anchor, day)));
    const { charges } = await platform.merchant.intent(intentId);
    expect(charges.map((charge: Json) => [charge.cycle, charge.status])).toEqual([
      [6, "succeeded"],
      [5, "succeeded"],
      [4, "succeeded"],
      [2, "failed"],
      [1, "failed"],
      [0, "succeeded"],
    ]);
  });

  it("at the last moment, on the seventh day, still counts", async () => {
    const { subscriptionId, intentId, anchor } = await start({ number: CARDS.firstOnly });
    await advanceTo(plusDays(anchor, 36), 60);
    await behave(subscriptionId, "succeeds");
    await advanceTo(plusDays(anchor, 37), 60);
    expect(renewals(intentId)).toEqual([plusDays(anchor, 37)]);
    expect(await look(subscriptionId)).toMatchObject({ status: "active", next: plusDays(anchor, 60) });
  });

  it("clears the debt: a later refusal opens a new one with all its retries", async () => {
    const { subscriptionId, intentId, anchor } = await start({ number: CARDS.firstOnly });
    await advanceTo(plusDays(anchor, 30), 60);
    await behave(subscriptionId, "succeeds");
    await advanceTo(plusDays(anchor, 31), 60);
    await behave(subscriptionId, "insufficient_funds");
    await advanceTo(plusDays(anchor, 80), 0);
    expect(failures(intentId)).toEqual([30, 60, 61, 63, 65, 67].map((day) => plusDays(anchor, day)));
    expect(await look(subscriptionId)).toMatchObject({ status: "unpaid", current_cycle: 1 });
  });
});

describe("a card that is gone for good", () => {
  it.each([
    ["lost_card", "The card was reported lost."],
    ["stolen_card", "The card was reported stolen."],
    ["expired_card", "The card has expired."],
  ])("(%s) is not retried: the subscription is unpaid at once", async (behaviour, message) => {
    const { subscriptionId, intentId, anchor } = await start();
    await behave(subscriptionId, behaviour);
    await advanceTo(plusDays(anchor, 30), 1);
    expect(await look(subscriptionId)).toMatchObject({ status: "unpaid", current_cycle: 0, next: null });
    await platform.merchant.advance({ seconds: 100 * DAY });
    expect(failures(intentId)).toEqual([plusDays(anchor, 30)]);
    expect(platform.sink.of("subscription.failed", intentId)[0]?.payload["message"]).toBe(message);
  });

  it("ends the retries of a debt too", async () => {
    const { subscriptionId, intentId, anchor } = await start({ number: CARDS.firstOnly });
    await advanceTo(plusDays(anchor, 30), 60);
    await behave(subscriptionId, "stolen_card");
    await platform.merchant.advance({ seconds: 100 * DAY });
    expect(failures(intentId)).toEqual([30, 31].map((day) => plusDays(anchor, day)));
    expect((await look(subscriptionId)).status).toBe("unpaid");
  });
});

async function start(options: { number?: string; intervalDays?: number } = {}) {
  const made = await subscribe(platform, options);
  subscribed.push(made.subscriptionId);
  return { ...made, anchor: (await look(made.subscriptionId)).anchor as Instant };
}

/** From now on the saved card does this, as when the customer's bank has changed its mind. */
async function behave(subscriptionId: string, behaviour: string): Promise<void> {
  await platform.running.platform.db.query(sql`
    update sandbox.methods set behaviour = ${behaviour}
     where token = (select method_token from subscriptions where subscription_id = ${subscriptionId.replace("sub_", "")})`);
}

/** To some seconds after an instant. */
async function advanceTo(at: Instant, seconds: number): Promise<void> {
  await platform.merchant.advance({ to: new Date(Number(at / 1000n) + 1 + seconds * 1000).toISOString() });
}

async function look(subscriptionId: string): Promise<Json> {
  const { data } = (await platform.merchant.get(`/subscriptions/${subscriptionId}`)).body;
  return {
    ...data,
    anchor: parseInstant(data.anchor_at),
    next: data.next_charge_at && parseInstant(data.next_charge_at),
  };
}

const failures = (intentId: string) => instantsOf("subscription.failed", intentId);
const renewals = (intentId: string) => instantsOf("subscription.renewed", intentId);

function instantsOf(event: string, intentId: string): (Instant | undefined)[] {
  return platform.sink.of(event, intentId).map((told) => parseInstant(String(told.payload["created_at"])));
}
