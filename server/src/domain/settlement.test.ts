import { describe, expect, test } from "vitest";
import { instantFromMs, plusDays } from "../base/instant.ts";
import { type ChargeFacts, challenge as challengeCharge, refuse, resume, startCharge } from "./charge.ts";
import type { AccountId, AttemptKey, ChargeId, IntentId, RefundId, SubscriptionId } from "./ids.ts";
import { challenge, type IntentFacts, startCharge as startIntentCharge } from "./intent.ts";
import { giveUpChallenge, type Outcome, settleFirst, settleLate, settleRenewal } from "./settlement.ts";
import { cancelSubscription, startRenewal, startSubscription } from "./subscription.ts";

const NOW = instantFromMs(Date.UTC(2026, 10, 23));
const CHARGE = 105n as ChargeId;
const SUBSCRIPTION = "subscription" as SubscriptionId;
const BORN = { now: NOW, subscriptionId: SUBSCRIPTION };
const card = {
  kind: "card",
  token: "tok_1",
  brand: "visa",
  last4: "4242",
  expMonth: 12,
  expYear: 2040,
} as const;

const SUCCEEDED: Outcome = { kind: "succeeded", processorRef: "pay_1" };
const DECLINED: Outcome = { kind: "declined", reason: "insufficient_funds", processorRef: "pay_1" };
const CHALLENGE: Outcome = { kind: "challenge", processorRef: "pay_1", url: "https://bank.example/1" };

function firstPayment(intervalDays: number | null = null) {
  const intentFacts = { intentId: "intent" as IntentId, amount: 8_000n, intervalDays } as IntentFacts;
  const payable = { facts: intentFacts, failedCharges: 0, status: "requires_payment" } as const;
  const intent = startIntentCharge(payable, CHARGE);
  const charge = startCharge(chargeFacts(0));
  const challenged = challengeCharge(charge, { processorRef: "pay_1", url: "https://bank.example/1" });
  return { intent, charge, challenged, inChallenge: challenge(intent) };
}

function chargeFacts(cycle: number): ChargeFacts {
  return {
    accountId: "account" as AccountId,
    chargeId: CHARGE,
    intentId: "intent" as IntentId,
    subscriptionId: cycle === 0 ? null : SUBSCRIPTION,
    cycle,
    currency: "USD" as ChargeFacts["currency"],
    amount: 8_000n,
    processor: "sandbox",
    attemptKey: "attempt" as AttemptKey,
    method: card,
    createdAt: NOW,
  };
}

function renewal() {
  const { intent } = firstPayment(30);
  const born = {
    subscriptionId: SUBSCRIPTION,
    intervalDays: 30,
    processor: "sandbox",
    method: card,
    now: NOW,
  };
  const subscription = startRenewal(startSubscription(intent.facts, born), CHARGE);
  return { subscription, charge: startCharge(chargeFacts(1)), due: plusDays(NOW, 30) };
}

const POSTING = { kind: "charge", chargeId: CHARGE, sourceId: "attempt", amount: 8_000n, currency: "USD" };

describe("a first payment", () => {
  test("that succeeds is posted, and told by payment.succeeded alone", () => {
    const { intent, charge } = firstPayment();
    const settled = settleFirst(charge, intent, SUCCEEDED, BORN);
    expect(settled.charge).toMatchObject({ status: "succeeded", processorRef: "pay_1", settledAt: NOW });
    expect(settled.intent).toMatchObject({ status: "succeeded", chargeId: CHARGE, paidAt: NOW });
    expect(settled.posting).toMatchObject(POSTING);
    expect(settled.events).toEqual([{ type: "payment.succeeded", chargeId: CHARGE }]);
    expect([settled.subscription, settled.newSubscription]).toEqual([null, null]);
  });

  test("of a recurring intent starts its subscription then, and tells that second", () => {
    const { intent, charge } = firstPayment(30);
    const settled = settleFirst(charge, intent, SUCCEEDED, BORN);
    expect(settled.newSubscription).toMatchObject({
      status: "active",
      facts: { subscriptionId: SUBSCRIPTION, anchorAt: NOW, method: card, amount: 8_000n },
    });
    expect(settled.events).toEqual([
      { type: "payment.succeeded", chargeId: CHARGE },
      { type: "subscription.created", subscriptionId: SUBSCRIPTION },
    ]);
  });

  test("that is declined moves nothing, leaves the intent payable, and is told by payment.failed", () => {
    const { intent, charge } = firstPayment(30);
    const settled = settleFirst(charge, intent, DECLINED, BORN);
    expect(settled).toMatchObject({
      charge: { status: "failed", reason: "insufficient_funds" },
      intent: { status: "requires_payment", failedCharges: 1 },
      newSubscription: null,
      posting: null,
      events: [{ type: "payment.failed", chargeId: CHARGE }],
    });
  });

  test("that meets a challenge waits for it, and tells nobody", () => {
    const { intent, charge } = firstPayment();
    const settled = settleFirst(charge, intent, CHALLENGE, BORN);
    expect(settled).toMatchObject({
      charge: { status: "requires_action", challengeUrl: "https://bank.example/1" },
      intent: { status: "requires_action" },
      posting: null,
      events: [],
    });
  });

  test("whose challenge still seems open is settled by an outcome, and left as it is by the challenge itself", () => {
    const { inChallenge, challenged } = firstPayment();
    expect(settleFirst(challenged, inChallenge, SUCCEEDED, BORN).intent?.status).toBe("succeeded");
    expect(settleFirst(challenged, inChallenge, DECLINED, BORN).intent?.status).toBe("requires_payment");
    const same = settleFirst(challenged, inChallenge, CHALLENGE, BORN);
    expect([same.charge, same.intent]).toEqual([challenged, null]);
  });

  test("never settles against an intent that stands elsewhere, or waits for another charge", () => {
    const { intent, charge, inChallenge, challenged } = firstPayment();
    expect(() => settleFirst(charge, inChallenge, SUCCEEDED, BORN)).toThrow("agree");
    expect(() => settleFirst(challenged, intent, SUCCEEDED, BORN)).toThrow("agree");
    expect(() => settleFirst(resume(challenged, {}, NOW), inChallenge, SUCCEEDED, BORN)).toThrow("agree");
    const another = { ...intent, chargeId: 999n as ChargeId };
    expect(() => settleFirst(charge, another, SUCCEEDED, BORN)).toThrow("the intent's charge");
  });
});

describe("a renewal", () => {
  test("that succeeds is posted, moves the schedule on, and is told by subscription.renewed alone", () => {
    const { subscription, charge, due } = renewal();
    const settled = settleRenewal(charge, subscription, SUCCEEDED, due);
    expect(settled.subscription).toMatchObject({
      status: "active",
      currentCycle: 1,
      next: { dueAt: plusDays(NOW, 60) },
    });
    expect(settled.posting).toMatchObject(POSTING);
    expect(settled.events).toEqual([{ type: "subscription.renewed", subscriptionId: SUBSCRIPTION }]);
    expect(settled.intent).toBeNull();
  });

  test.each([
    [DECLINED, "insufficient_funds", "The card has insufficient funds."],
    [CHALLENGE, "authentication_required", "The card requires authentication by the customer."],
  ])(
    "that is refused is told by subscription.failed alone, with the reason (%#)",
    (outcome, reason, message) => {
      const { subscription, charge, due } = renewal();
      const settled = settleRenewal(charge, subscription, outcome, due);
      expect(settled.charge).toMatchObject({ status: "failed", reason });
      expect(settled.subscription).toMatchObject({ status: "past_due", debtCycle: 1 });
      expect(settled.posting).toBeNull();
      expect(settled.events).toEqual([
        { type: "subscription.failed", subscriptionId: SUBSCRIPTION, message },
      ]);
    },
  );

  test("that comes after the cancel is booked and told, and the subscription stays cancelled", () => {
    const { subscription, charge, due } = renewal();
    const cancelled = cancelSubscription(subscription, due);
    if (!cancelled) throw new Error("It was alive.");
    const paid = settleRenewal(charge, cancelled, SUCCEEDED, due);
    expect(paid.subscription).toMatchObject({ status: "cancelled", currentCycle: 1, chargeId: null });
    expect(paid.posting).toMatchObject(POSTING);
    const declined = settleRenewal(charge, cancelled, DECLINED, due);
    expect(declined.subscription).toMatchObject({ status: "cancelled", currentCycle: 0, chargeId: null });
    expect(declined.events).toHaveLength(1);
  });

  test("that was never sent is withdrawn by a cancel, and by nothing else", () => {
    const { subscription, charge, due } = renewal();
    const cancelled = cancelSubscription(subscription, due);
    if (!cancelled) throw new Error("It was alive.");
    expect(settleRenewal(charge, cancelled, { kind: "withdrawn" }, due)).toMatchObject({
      charge: { status: "failed", reason: "canceled", processorRef: null },
      subscription: { status: "cancelled", currentCycle: 0, chargeId: null },
      posting: null,
    });
    expect(() => settleRenewal(charge, subscription, { kind: "withdrawn" }, due)).toThrow("only a cancel");
  });

  test("never settles against a subscription that waits for another charge", () => {
    const { subscription, due } = renewal();
    const other = startCharge({ ...chargeFacts(1), chargeId: 999n as ChargeId });
    expect(() => settleRenewal(other, subscription, SUCCEEDED, due)).toThrow("waits for the charge");
  });
});

describe("a challenge that is given up", () => {
  test("because it was left alone is a failed attempt like any other", () => {
    const { challenged, inChallenge } = firstPayment();
    expect(giveUpChallenge(challenged, inChallenge, "abandoned", NOW)).toMatchObject({
      charge: { status: "failed", reason: "authentication_abandoned" },
      intent: { status: "requires_payment", failedCharges: 1 },
      events: [{ type: "payment.failed", chargeId: CHARGE }],
    });
  });

  test.each(["canceled", "expired"] as const)("because its intent was %s tells nothing of its own", (why) => {
    const { challenged, inChallenge } = firstPayment();
    const settled = giveUpChallenge(challenged, inChallenge, why, NOW);
    expect(settled).toMatchObject({
      charge: { status: "failed", reason: why },
      intent: null,
      posting: null,
      events: [],
    });
  });
});

test("money that moved for an attempt that was given up is booked, and goes back in full", () => {
  const failed = refuse(firstPayment().challenged, "canceled", "pay_1", NOW);
  const late = settleLate(failed, SUCCEEDED, { now: NOW, refundId: "refund" as RefundId });
  expect(late.charge).toMatchObject({ status: "late", processorRef: "pay_1" });
  expect(late.posting).toMatchObject(POSTING);
  expect(late.refund).toMatchObject({
    status: "pending",
    facts: { amount: 8_000n, chargeId: CHARGE, currency: "USD" },
  });
});
