/**
 * A subscription renews a recurring intent: cycle n is due at anchor + n × interval. Its arrows (contract section 4):
 *
 *   active | past_due, due        → the same, with a charge under way      (startRenewal)
 *   … charge under way            → active, the schedule unchanged         (renewed)
 *                                 → past_due with the next retry, or unpaid after the last or a card that is gone (refused)
 *   active | past_due | unpaid    → cancelled                              (cancel)
 *
 * A past-due subscription has one debt: the retry pays the cycle that is current then, and earlier ones lapse.
 */
import type { Instant } from "../base/instant.ts";
import { currentCycle, cycleDueAt } from "./billing-cycle.ts";
import { type FailureReason, isFinalRefusal, type PaymentMethod } from "./charge.ts";
import type { AccountId, ChargeId, CustomerId, IntentId, SubscriptionId } from "./ids.ts";
import type { IntentFacts } from "./intent.ts";
import type { Currency } from "./money.ts";
import { nextRenewalRetryAt } from "./renewal-retries.ts";

export type SubscriptionFacts = {
  readonly accountId: AccountId;
  readonly subscriptionId: SubscriptionId;
  readonly intentId: IntentId;
  readonly customerId: CustomerId;
  readonly currency: Currency;
  readonly amount: bigint;
  readonly intervalDays: number;
  readonly processor: string;
  readonly method: PaymentMethod;
  readonly anchorAt: Instant;
  readonly createdAt: Instant;
};

type Common = { readonly facts: SubscriptionFacts; readonly currentCycle: number };
/** What is next while it is alive: a try at `dueAt`, or the charge that is under way. */
type Next =
  | { readonly dueAt: Instant; readonly chargeId: null }
  | { readonly dueAt: null; readonly chargeId: ChargeId };
export type Active = Common & { readonly status: "active"; readonly next: Next };
export type PastDue = Common & {
  readonly status: "past_due";
  readonly debtCycle: number;
  readonly next: Next;
};
export type Unpaid = Common & { readonly status: "unpaid"; readonly debtCycle: number };
/** A charge that was sent before the cancel is still booked when its answer comes. */
export type Cancelled = Common & {
  readonly status: "cancelled";
  readonly cancelledAt: Instant;
  readonly chargeId: ChargeId | null;
};
export type Subscription = Active | PastDue | Unpaid | Cancelled;
export type SubscriptionStatus = Subscription["status"];
export type Alive = Active | PastDue;

export function startSubscription(
  intent: IntentFacts,
  born: {
    subscriptionId: SubscriptionId;
    intervalDays: number;
    processor: string;
    method: PaymentMethod;
    now: Instant;
  },
): Active {
  const { intervalDays, processor, method, now, subscriptionId } = born;
  return {
    status: "active",
    currentCycle: 0,
    next: { dueAt: cycleDueAt({ anchor: now, intervalDays, cycle: 1 }), chargeId: null },
    facts: {
      accountId: intent.accountId,
      subscriptionId,
      intentId: intent.intentId,
      customerId: intent.customerId,
      currency: intent.currency,
      amount: intent.amount,
      intervalDays,
      processor,
      method,
      anchorAt: now,
      createdAt: now,
    },
  };
}

/** The cycle that a charge made now pays. After an outage it is the current one, and those missed lapse. */
export function cycleToCharge(subscription: Alive, now: Instant): number {
  const { anchorAt, intervalDays } = subscription.facts;
  return Math.max(currentCycle({ anchor: anchorAt, intervalDays, now }), subscription.currentCycle + 1);
}

/** The renewal that it waits for; null: none. */
export function renewalUnderWay(subscription: Subscription): ChargeId | null {
  switch (subscription.status) {
    case "active":
    case "past_due":
      return subscription.next.chargeId;
    case "cancelled":
      return subscription.chargeId;
    case "unpaid":
      return null;
  }
}

export function startRenewal<S extends Alive>(subscription: S, chargeId: ChargeId): S {
  return { ...subscription, next: { dueAt: null, chargeId } };
}

export function renewed(subscription: Alive, cycle: number): Active {
  const { anchorAt, intervalDays } = subscription.facts;
  return {
    facts: subscription.facts,
    status: "active",
    currentCycle: cycle,
    next: { dueAt: cycleDueAt({ anchor: anchorAt, intervalDays, cycle: cycle + 1 }), chargeId: null },
  };
}

export function refused(
  subscription: Alive,
  cycle: number,
  reason: FailureReason,
  now: Instant,
): PastDue | Unpaid {
  const { facts, currentCycle } = subscription;
  const debtCycle = subscription.status === "past_due" ? subscription.debtCycle : cycle;
  const cycleDue = cycleDueAt({ anchor: facts.anchorAt, intervalDays: facts.intervalDays, cycle: debtCycle });
  const retryAt = isFinalRefusal(reason) ? null : nextRenewalRetryAt({ cycleDueAt: cycleDue, now });
  return retryAt === null
    ? { facts, currentCycle, status: "unpaid", debtCycle }
    : { facts, currentCycle, status: "past_due", debtCycle, next: { dueAt: retryAt, chargeId: null } };
}

/** A renewal that had been sent before the cancel is booked; the status stays. */
export function bookedAfterCancel(subscription: Cancelled, paidCycle: number | null): Cancelled {
  return { ...subscription, chargeId: null, currentCycle: paidCycle ?? subscription.currentCycle };
}

/** Null: it is cancelled already, and nothing more happens. */
export function cancelSubscription(subscription: Subscription, now: Instant): Cancelled | null {
  const { facts, currentCycle } = subscription;
  switch (subscription.status) {
    case "active":
    case "past_due":
      return {
        facts,
        currentCycle,
        status: "cancelled",
        cancelledAt: now,
        chargeId: subscription.next.chargeId,
      };
    case "unpaid":
      return { facts, currentCycle, status: "cancelled", cancelledAt: now, chargeId: null };
    case "cancelled":
      return null;
  }
}
