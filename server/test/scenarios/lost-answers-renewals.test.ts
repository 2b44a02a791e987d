/** Renewals whose answer is lost, late or doubled: found out, told once, and each cycle charged once (contract section 4). */
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Instant, parseInstant, plusDays, plusMs } from "../../src/base/instant.ts";
import { sql } from "../../src/store/sql.ts";
import { createFaultyLink } from "../support/faulty-link.ts";
import { CARDS, type Json, startPlatform, subscribe, type TestPlatform } from "../support/platform.ts";

const DAY = 86_400;
const link = createFaultyLink();
const subscribed: string[] = [];
let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ sandboxLink: link });
});
afterEach(async () => {
  for (const id of subscribed.splice(0)) await platform.merchant.post(`/subscriptions/${id}/cancel`);
});

describe("a renewal whose answer is lost", () => {
  it.each(["timeout_before", "timeout_after"] as const)(
    "(%s) is looked up a second later, and the schedule stays as it was",
    async (fault) => {
      const { subscriptionId, intentId, anchor } = await start();
      link.nextCharge(fault);
      await platform.merchant.advance({ seconds: 61 * DAY });
      expect(told("subscription.renewed", intentId)).toEqual([
        plusMs(plusDays(anchor, 30), 1_000),
        plusDays(anchor, 60),
      ]);
      expect(await paymentsOf(intentId)).toEqual(["succeeded", "succeeded", "succeeded"]);
      expect(await look(subscriptionId)).toMatchObject({
        status: "active",
        current_cycle: 2,
        next: plusDays(anchor, 90),
      });
    },
  );

  it.each(["timeout_before", "timeout_after"] as const)(
    "(%s) and which was declined counts its retries from the due time",
    async (fault) => {
      const { subscriptionId, intentId, anchor } = await start(CARDS.firstOnly);
      link.nextCharge(fault);
      await platform.merchant.advance({ seconds: 60 * DAY });
      const due = plusDays(anchor, 30);
      expect(told("subscription.failed", intentId)).toEqual([
        plusMs(due, 1_000),
        ...[1, 3, 5, 7].map((day) => plusDays(due, day)),
      ]);
      expect((await look(subscriptionId)).status).toBe("unpaid");
    },
  );

  it("is asked after for longer than a cycle where nobody answers, and no other charge is made beside it", async () => {
    const { subscriptionId, intentId, anchor } = await start(CARDS.visa, 1);
    link.nextCharge("timeout_after");
    for (let times = 0; times < 40; times++) link.next("lookUp", "timeout_before");
    await platform.merchant.advance({ seconds: DAY + 12 * 3_600 });
    expect(await look(subscriptionId)).toMatchObject({ status: "active", current_cycle: 0, next: null });
    expect((await platform.merchant.intent(intentId)).charges[0].status).toBe("pending");
    await platform.merchant.advance({ seconds: 2 * DAY });
    const { charges } = await platform.merchant.intent(intentId);
    expect(charges.map((charge: Json) => [charge.cycle, charge.status])).toEqual([
      [3, "succeeded"],
      [2, "succeeded"],
      [1, "succeeded"],
      [0, "succeeded"],
    ]);
    // Cycle 2 fell due while cycle 1 was unknown, and is paid once that is known; cycle 3 is on time again.
    const [first, second, third] = told("subscription.renewed", intentId);
    expect(first).toBeGreaterThan(plusDays(anchor, 2));
    expect(second).toBe(first);
    expect(third).toBe(plusDays(anchor, 3));
  });
});

describe("a renewal whose answer is late", () => {
  it("is told at its due time, and `next_charge_at` is null until then", async () => {
    const { subscriptionId, intentId, anchor } = await start();
    const renewal = link.nextCharge("late");
    const advanced = platform.merchant.advance({ seconds: 30 * DAY + 1 });
    await renewal.struck;
    expect(await look(subscriptionId)).toMatchObject({ status: "active", current_cycle: 0, next: null });
    renewal.release();
    await advanced;
    expect(told("subscription.renewed", intentId)).toEqual([plusDays(anchor, 30)]);
    expect(await look(subscriptionId)).toMatchObject({ current_cycle: 1, next: plusDays(anchor, 60) });
  });
});

describe("a renewal that arrives twice at the processor", () => {
  it.each([
    [CARDS.visa, "subscription.renewed"],
    [CARDS.firstOnly, "subscription.failed"],
  ])("is one payment (card %s)", async (card, event) => {
    const { intentId, anchor } = await start(card);
    link.nextCharge("twice");
    await platform.merchant.advance({ seconds: 30 * DAY });
    expect(told(event, intentId)).toEqual([plusDays(anchor, 30)]);
    expect(await paymentsOf(intentId)).toHaveLength(2);
  });
});

describe("two years of renewals over a bad line", () => {
  it("charge each cycle once", async () => {
    const { intentId, anchor } = await start();
    const faults = ["timeout_before", "timeout_after", "twice"] as const;
    for (let cycle = 1; cycle <= 24; cycle++) {
      link.nextCharge(faults[cycle % 3] ?? "twice");
      link.next("lookUp", faults[(cycle + 1) % 3] ?? "twice");
    }
    await platform.merchant.advance({ seconds: 730 * DAY });
    const { charges } = await platform.merchant.intent(intentId);
    expect(charges.map((charge: Json) => [charge.cycle, charge.status])).toEqual(
      Array.from({ length: 25 }, (_, index) => [24 - index, "succeeded"]),
    );
    expect(await paymentsOf(intentId)).toEqual(Array<string>(25).fill("succeeded"));
    for (const [index, at] of told("subscription.renewed", intentId).entries()) {
      const late = Number((at ?? 0n) - plusDays(anchor, (index + 1) * 30)) / 1e6;
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(DAY);
    }
  });
});

async function start(number: string = CARDS.visa, intervalDays = 30) {
  const made = await subscribe(platform, { number, intervalDays });
  subscribed.push(made.subscriptionId);
  return { ...made, anchor: (await look(made.subscriptionId)).anchor as Instant };
}

async function look(subscriptionId: string): Promise<Json> {
  const { data } = (await platform.merchant.get(`/subscriptions/${subscriptionId}`)).body;
  return {
    ...data,
    anchor: parseInstant(data.anchor_at),
    next: data.next_charge_at && parseInstant(data.next_charge_at),
  };
}

/** What the sandbox's own books say of an intent's payments and its subscription's. */
async function paymentsOf(intentId: string): Promise<string[]> {
  const rows = await platform.running.platform.db.query<{ status: string }>(sql`
    select p.status from sandbox.payments p
      join charges c on c.account_id = p.account_id and c.attempt_key = p.idempotency_key
     where c.intent_id = ${intentId.replace("pi_", "")}`);
  return rows.map(({ status }) => status);
}

function told(event: string, intentId: string): (Instant | undefined)[] {
  return platform.sink.of(event, intentId).map(({ payload }) => parseInstant(String(payload["created_at"])));
}
