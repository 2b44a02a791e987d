/**
 * What follows from a charge's outcome, as one pure decision: the charge's next state and with it the intent's or the
 * subscription's, the posting and the events. The flow reads, asks here, and writes all of it in one transaction; so a
 * browser's return, a look-up and a notification that meet can only ever make the same transition, once.
 */
import type { DeclineReason } from "@mintro/contract/checkout";
import { assert } from "../base/assert.ts";
import type { Instant } from "../base/instant.ts";
import * as charges from "./charge.ts";
import type { EventDraft } from "./event.ts";
import type { RefundId, SubscriptionId } from "./ids.ts";
import * as intents from "./intent.ts";
import { type Posting, postCharge } from "./ledger.ts";
import { LATE_SUCCESS, type PendingRefund, startRefund } from "./refund.ts";
import * as subscriptions from "./subscription.ts";

/** An outcome that is known. `pending` and lost answers are not outcomes: they are asked after. */
export type Outcome =
  | {
      readonly kind: "succeeded";
      readonly processorRef: string;
      /** What the method is charged by from now on, where it is not the token that was charged. */
      readonly token?: string;
    }
  | { readonly kind: "declined"; readonly reason: DeclineReason; readonly processorRef: string | null }
  | { readonly kind: "challenge"; readonly processorRef: string; readonly url: string };

/** It never reached the processor, and is not sent any more, since its subscription was cancelled meanwhile. */
export type Withdrawn = { readonly kind: "withdrawn" };

export type Settlement = {
  readonly charge: charges.Charge;
  readonly intent: intents.Intent | null;
  readonly subscription: subscriptions.Subscription | null;
  readonly newSubscription: subscriptions.Active | null;
  readonly posting: Posting | null;
  readonly events: readonly EventDraft[];
};

const NOTHING = {
  intent: null,
  subscription: null,
  newSubscription: null,
  posting: null,
  events: [],
} as const;

type Open = charges.PendingCharge | charges.ChallengedCharge;

/** An intent's first payment. An outcome may also reach a charge whose challenge still seems open: then it counts. */
export function settleFirst(
  charge: Open,
  intent: intents.Intent,
  outcome: Outcome,
  born: { now: Instant; subscriptionId: SubscriptionId },
): Settlement {
  assert(
    intent.status === (charge.status === "pending" ? "processing" : "requires_action"),
    "a first charge under way and its intent agree",
  );
  assert(intent.chargeId === charge.facts.chargeId, "the intent's charge is the one that settles");
  const { now } = born;
  const { chargeId } = charge.facts;
  switch (outcome.kind) {
    case "challenge":
      if (charge.status === "requires_action" || intent.status === "requires_action")
        return { ...NOTHING, charge };
      return {
        ...NOTHING,
        charge: charges.challenge(charge, outcome),
        intent: intents.challenge(intent),
      };
    case "declined":
      return {
        ...NOTHING,
        charge: charges.refuse(charge, outcome.reason, outcome.processorRef, now),
        intent: intents.decline(intent),
        events: [{ type: "payment.failed", chargeId }],
      };
    case "succeeded": {
      const { intervalDays } = intent.facts;
      const newSubscription =
        intervalDays === null
          ? null
          : subscriptions.startSubscription(intent.facts, {
              subscriptionId: born.subscriptionId,
              intervalDays,
              processor: charge.facts.processor,
              method: reusable(charge.facts.method, outcome),
              now,
            });
      return {
        ...NOTHING,
        charge: charges.succeed(charge, outcome.processorRef, now),
        intent: intents.succeed(intent, now),
        newSubscription,
        posting: postCharge(charge.facts, now),
        events: [
          { type: "payment.succeeded", chargeId },
          ...(newSubscription
            ? [
                {
                  type: "subscription.created",
                  subscriptionId: newSubscription.facts.subscriptionId,
                } as const,
              ]
            : []),
        ],
      };
    }
  }
}

/** A token may serve once, and the payment bring the one that stays. */
function reusable(
  method: charges.PaymentMethod,
  { token }: Extract<Outcome, { kind: "succeeded" }>,
): charges.PaymentMethod {
  return token === undefined ? method : { ...method, token };
}

/** A subscription's renewal. Nobody is there to meet a challenge, so one counts as a refusal. */
export function settleRenewal(
  charge: charges.PendingCharge,
  subscription: subscriptions.Subscription,
  outcome: Outcome | Withdrawn,
  now: Instant,
): Settlement {
  const { cycle } = charge.facts;
  const { subscriptionId } = subscription.facts;
  if (outcome.kind === "succeeded") {
    return {
      ...NOTHING,
      charge: charges.succeed(charge, outcome.processorRef, now),
      subscription: afterRenewal(subscription, charge, (alive) => subscriptions.renewed(alive, cycle), cycle),
      posting: postCharge(charge.facts, now),
      events: [{ type: "subscription.renewed", subscriptionId }],
    };
  }
  assert(
    outcome.kind !== "withdrawn" || subscription.status === "cancelled",
    "only a cancel withdraws a renewal",
  );
  const reason = refusalOf(outcome);
  const processorRef = outcome.kind === "withdrawn" ? null : outcome.processorRef;
  return {
    ...NOTHING,
    charge: charges.refuse(charge, reason, processorRef, now),
    subscription: afterRenewal(
      subscription,
      charge,
      (alive) => subscriptions.refused(alive, cycle, reason, now),
      null,
    ),
    events: [{ type: "subscription.failed", subscriptionId, message: charges.failureText(reason) }],
  };
}

function refusalOf(outcome: Exclude<Outcome, { kind: "succeeded" }> | Withdrawn): charges.FailureReason {
  switch (outcome.kind) {
    case "challenge":
      return "authentication_required";
    case "declined":
      return outcome.reason;
    case "withdrawn":
      return "canceled";
  }
}

function afterRenewal(
  subscription: subscriptions.Subscription,
  charge: charges.PendingCharge,
  step: (alive: subscriptions.Alive) => subscriptions.Subscription,
  paidCycle: number | null,
): subscriptions.Subscription {
  const { chargeId } = charge.facts;
  switch (subscription.status) {
    case "active":
    case "past_due":
      assert(subscription.next.chargeId === chargeId, "the subscription waits for the charge that settles");
      return step(subscription);
    case "cancelled":
      assert(
        subscription.chargeId === chargeId,
        "a cancelled subscription waits for the charge that settles",
      );
      return subscriptions.bookedAfterCancel(subscription, paidCycle);
    case "unpaid":
      throw new Error("Assertion failed: an unpaid subscription has no charge under way");
  }
}

/**
 * The processor says that money moved for an attempt that had been given up (its intent cancelled or expired, its challenge
 * abandoned): the charge is booked as late and given back by a refund of its own. The intent stays as it is.
 */
export function settleLate(
  charge: charges.FailedCharge,
  outcome: Extract<Outcome, { kind: "succeeded" }>,
  born: { now: Instant; refundId: RefundId },
): { readonly charge: charges.LateCharge; readonly posting: Posting; readonly refund: PendingRefund } {
  const { now, refundId } = born;
  const { accountId, intentId, chargeId, currency, amount } = charge.facts;
  return {
    charge: charges.arriveLate(charge, outcome.processorRef, now),
    posting: postCharge(charge.facts, now),
    refund: startRefund({
      accountId,
      refundId,
      intentId,
      chargeId,
      currency,
      amount,
      reason: LATE_SUCCESS,
      createdAt: now,
    }),
  };
}

/** A challenge that nobody will answer any more: left alone, or its intent cancelled or expired. */
export function giveUpChallenge(
  charge: charges.ChallengedCharge,
  intent: intents.Intent,
  why: "abandoned" | "canceled" | "expired",
  now: Instant,
): Settlement {
  assert(intent.status === "requires_action", "an open challenge belongs to an intent that requires action");
  const { chargeId } = charge.facts;
  switch (why) {
    case "abandoned":
      return {
        ...NOTHING,
        charge: charges.giveUp(charge, "authentication_abandoned", now),
        intent: intents.decline(intent),
        events: [{ type: "payment.failed", chargeId }],
      };
    case "canceled":
    case "expired":
      return { ...NOTHING, charge: charges.giveUp(charge, why, now) };
  }
}
