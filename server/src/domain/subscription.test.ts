import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Instant, instantFromMs, MICROS_PER_DAY, plusDays, plusMicros } from "../base/instant.ts";
import { cycleDueAt } from "./billing-cycle.ts";
import type { FailureReason } from "./charge.ts";
import type { ChargeId, SubscriptionId } from "./ids.ts";
import type { IntentFacts } from "./intent.ts";
import {
  type Alive,
  bookedAfterCancel,
  cancelSubscription,
  cycleToCharge,
  refused,
  renewed,
  type Subscription,
  startRenewal,
  startSubscription,
} from "./subscription.ts";

const ANCHOR = instantFromMs(Date.UTC(2026, 0, 31));
const CHARGE = 106n as ChargeId;

function active(intervalDays = 30) {
  return startSubscription({ amount: 8_000n } as IntentFacts, {
    subscriptionId: "subscription" as SubscriptionId,
    intervalDays,
    processor: "sandbox",
    method: { kind: "card", token: "tok_1", brand: "visa", last4: "4242", expMonth: 12, expYear: 2040 },
    now: ANCHOR,
  });
}

const dueAt = (subscription: Subscription): Instant | null | undefined =>
  "next" in subscription ? subscription.next.dueAt : undefined;
const day = (days: number) => plusDays(ANCHOR, days);

describe("a subscription", () => {
  test("begins at the first success, which is cycle 0, and is due one interval later", () => {
    expect(active()).toMatchObject({ status: "active", currentCycle: 0, facts: { anchorAt: ANCHOR } });
    expect(dueAt(active())).toBe(day(30));
  });

  test("waits for the charge while one is under way, and for a time otherwise", () => {
    const underWay = startRenewal(active(), CHARGE);
    expect(underWay.next).toEqual({ dueAt: null, chargeId: CHARGE });
    expect(renewed(underWay, 1).next).toEqual({ dueAt: day(60), chargeId: null });
  });

  test("is charged for the running cycle: none is skipped on time, and those that an outage missed lapse", () => {
    expect(cycleToCharge(active(), day(30))).toBe(1);
    expect(cycleToCharge(active(), plusMicros(day(60), -1n))).toBe(1);
    expect(cycleToCharge(active(), day(60))).toBe(2);
    expect(cycleToCharge(active(), day(100))).toBe(3);
    expect(cycleToCharge(renewed(active(), 3), day(100))).toBe(4);
    // A worker whose clock is a little behind the one that wrote the due time.
    expect(cycleToCharge(active(), plusMicros(day(30), -1n))).toBe(1);
  });

  test("whenever it is charged, pays a later cycle than before and is next due in the cycle after it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3_650 }),
        fc.array(fc.bigInt({ min: 0n, max: 5_000n * MICROS_PER_DAY }), { minLength: 1, maxLength: 20 }),
        (intervalDays, delays) => {
          let subscription: Alive = active(intervalDays);
          for (const delay of delays) {
            const due = subscription.next.dueAt ?? ANCHOR;
            const now = plusMicros(due, delay);
            const cycle = cycleToCharge(subscription, now);
            expect(cycle).toBeGreaterThan(subscription.currentCycle);
            expect(cycleDueAt({ anchor: ANCHOR, intervalDays, cycle })).toBeLessThanOrEqual(now);
            subscription = renewed(startRenewal(subscription, CHARGE), cycle);
            expect(dueAt(subscription)).toBe(cycleDueAt({ anchor: ANCHOR, intervalDays, cycle: cycle + 1 }));
            expect(dueAt(subscription)).toBeGreaterThan(now);
          }
        },
      ),
    );
  });
});

describe("a refused renewal", () => {
  const refuse = (
    subscription: Alive,
    cycle: number,
    now: Instant,
    reason: FailureReason = "generic_decline",
  ) => refused(startRenewal(subscription, CHARGE), cycle, reason, now);

  test("opens a debt whose retries are 1, 3, 5 and 7 days after the due time, and then it is unpaid", () => {
    let subscription: Subscription = active();
    for (const [at, retry] of [
      [30, 31],
      [31, 33],
      [33, 35],
      [35, 37],
    ] as const) {
      if (subscription.status !== "active" && subscription.status !== "past_due")
        throw new Error("It is alive.");
      subscription = refuse(subscription, 1, day(at));
      expect(subscription).toMatchObject({ status: "past_due", debtCycle: 1, currentCycle: 0 });
      expect(dueAt(subscription)).toBe(day(retry));
    }
    if (subscription.status !== "past_due") throw new Error("It is past due.");
    expect(refuse(subscription, 1, day(37))).toEqual({
      facts: subscription.facts,
      status: "unpaid",
      currentCycle: 0,
      debtCycle: 1,
    });
  });

  test("of a daily subscription keeps counting from the cycle that opened the debt", () => {
    const first = refuse(active(1), 1, day(1));
    if (first.status !== "past_due") throw new Error("It is past due.");
    const second = refuse(first, 2, day(2));
    expect(second).toMatchObject({ status: "past_due", debtCycle: 1 });
    expect(dueAt(second)).toBe(day(4));
  });

  test("with a card that is gone ends it at once", () => {
    for (const reason of ["lost_card", "stolen_card", "expired_card"] as const) {
      expect(refuse(active(), 1, day(30), reason).status).toBe("unpaid");
    }
  });

  test("and paid later is active again with its schedule as it was, the debt forgotten", () => {
    const debt = refuse(active(), 1, day(30));
    if (debt.status !== "past_due") throw new Error("It is past due.");
    const paid = renewed(startRenewal(debt, CHARGE), 1);
    expect(paid).toEqual({
      facts: debt.facts,
      status: "active",
      currentCycle: 1,
      next: { dueAt: day(60), chargeId: null },
    });
  });
});

describe("cancelling", () => {
  test("works from every living status and from unpaid, and again does nothing", () => {
    const pastDue = refused(startRenewal(active(), CHARGE), 1, "generic_decline", day(30));
    const unpaid = refused(startRenewal(active(), CHARGE), 1, "lost_card", day(30));
    for (const before of [active(), pastDue, unpaid]) {
      const cancelled = cancelSubscription(before, day(40));
      expect(cancelled).toEqual({
        facts: before.facts,
        status: "cancelled",
        currentCycle: 0,
        cancelledAt: day(40),
        chargeId: null,
      });
      expect(cancelled && cancelSubscription(cancelled, day(41))).toBeNull();
    }
  });

  test("keeps the renewal that is under way, so that its outcome is booked; the status stays", () => {
    const cancelled = cancelSubscription(startRenewal(active(), CHARGE), day(30));
    if (!cancelled) throw new Error("It was not cancelled before.");
    expect(cancelled.chargeId).toBe(CHARGE);
    expect(bookedAfterCancel(cancelled, 1)).toEqual({ ...cancelled, chargeId: null, currentCycle: 1 });
    expect(bookedAfterCancel(cancelled, null)).toEqual({ ...cancelled, chargeId: null });
  });
});
