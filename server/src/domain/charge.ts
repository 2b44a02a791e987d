/**
 * A charge is one attempt to move money through a processor. It is written down before the processor is asked, carries
 * our attempt key as the processor's idempotency key, and is asked after until its outcome is known:
 *
 *   pending → succeeded | failed            the outcome
 *   pending → requires_action → pending     a challenge, and back from it
 *   requires_action → failed                abandoned, cancelled or expired
 *   failed → late                           its money moved all the same
 *
 * Cycle 0 is an intent's first payment; a subscription's renewals count from 1.
 */
import type { DeclineReason } from "@mintro/contract/checkout";
import { type Instant, plusMs } from "../base/instant.ts";
import type { AccountId, AttemptKey, ChargeId, IntentId, SubscriptionId } from "./ids.ts";
import type { Currency } from "./money.ts";

/** A card as the books may keep it: the processor's token, and what may be shown. */
export type SavedCard = {
  readonly kind: "card";
  readonly token: string;
  readonly brand: string;
  readonly last4: string;
  readonly expMonth: number;
  readonly expYear: number;
};

/** An account at somebody who pays for the customer, such as PayPal. */
export type SavedWallet = {
  readonly kind: "wallet";
  readonly token: string;
  /** The wallet's own name, as customers know it. */
  readonly name: string;
};

/** What is charged. */
export type PaymentMethod = SavedCard | SavedWallet;

/** What a customer brought back from a challenge in the page's address: parameters of the processor's, by name. */
export type Returned = Readonly<Record<string, string>>;

export type ChargeFacts = {
  readonly accountId: AccountId;
  readonly chargeId: ChargeId;
  readonly intentId: IntentId;
  readonly subscriptionId: SubscriptionId | null;
  readonly cycle: number;
  readonly currency: Currency;
  readonly amount: bigint;
  readonly processor: string;
  readonly attemptKey: AttemptKey;
  readonly method: PaymentMethod;
  readonly createdAt: Instant;
};

/** Why a charge failed: the processor's refusal, or that it was given up before any money could move. */
export type FailureReason = DeclineReason | "canceled" | "expired";

type Common = { readonly facts: ChargeFacts };
export type PendingCharge = Common & {
  readonly status: "pending";
  /** With what the customer came back from a challenge, so that the processor is to complete the attempt; null: not back from one. */
  readonly returned: Returned | null;
  readonly processorRef: string | null;
  readonly lookUpAt: Instant;
  readonly lookUps: number;
};
export type ChallengedCharge = Common & {
  readonly status: "requires_action";
  readonly processorRef: string;
  readonly challengeUrl: string;
  readonly lookUpAt: Instant;
};
export type SucceededCharge = Common & {
  readonly status: "succeeded";
  readonly processorRef: string;
  /** Minor units refunded, or reserved by refunds under way. */
  readonly refunded: bigint;
  readonly settledAt: Instant;
};
export type FailedCharge = Common & {
  readonly status: "failed";
  readonly processorRef: string | null;
  readonly reason: FailureReason;
  readonly settledAt: Instant;
  /** When to make sure that the processor holds it for void too; null: it does. */
  readonly lookUpAt: Instant | null;
  readonly lookUps: number;
};
/** It succeeded after its attempt had been given up: the money goes back by itself. */
export type LateCharge = Common & {
  readonly status: "late";
  readonly processorRef: string;
  readonly refunded: bigint;
  readonly settledAt: Instant;
};
export type Charge = LateCharge | PendingCharge | ChallengedCharge | SucceededCharge | FailedCharge;

/** A challenge left alone for this long fails the attempt (contract section 3). */
export const CHALLENGE_TIMEOUT_MS = 15 * 60_000;

/** When to ask after an attempt whose answer has not come: well after the call itself has timed out. */
export const FIRST_LOOK_UP_MS = 15_000;

const LOOK_UP_AFTER_MS = [1_000, 5_000, 15_000, 60_000, 5 * 60_000, 30 * 60_000, 60 * 60_000] as const;

/** Growing pauses between look-ups, at last one an hour, for ever: an unknown outcome is never given up. */
export function nextLookUpAt(now: Instant, lookUps: number): Instant {
  return plusMs(now, pauseBefore(lookUps));
}

function pauseBefore(lookUps: number): number {
  return LOOK_UP_AFTER_MS[Math.min(lookUps, LOOK_UP_AFTER_MS.length - 1)] ?? 0;
}

/** At its look-up: whether the attempt was last sent so long ago that it cannot be on its way any more. */
export function isNoLongerOnItsWay(charge: PendingCharge): boolean {
  const sinceSentMs = charge.lookUps === 0 ? FIRST_LOOK_UP_MS : pauseBefore(charge.lookUps - 1);
  return sinceSentMs >= FIRST_LOOK_UP_MS;
}

export function startCharge(facts: ChargeFacts): PendingCharge {
  return {
    facts,
    status: "pending",
    returned: null,
    processorRef: null,
    lookUps: 0,
    lookUpAt: plusMs(facts.createdAt, FIRST_LOOK_UP_MS),
  };
}

/** The time for it runs from the attempt's start, however often the customer comes back without an answer. */
export function challenge(
  charge: PendingCharge,
  at: { processorRef: string; url: string },
): ChallengedCharge {
  return {
    facts: charge.facts,
    status: "requires_action",
    processorRef: at.processorRef,
    challengeUrl: at.url,
    lookUpAt: plusMs(charge.facts.createdAt, CHALLENGE_TIMEOUT_MS),
  };
}

export function resume(charge: ChallengedCharge, returned: Returned, now: Instant): PendingCharge {
  const { facts, processorRef } = charge;
  return {
    facts,
    status: "pending",
    returned,
    processorRef,
    lookUps: 0,
    lookUpAt: plusMs(now, FIRST_LOOK_UP_MS),
  };
}

export function succeed(
  charge: PendingCharge | ChallengedCharge,
  processorRef: string,
  now: Instant,
): SucceededCharge {
  return { facts: charge.facts, status: "succeeded", processorRef, refunded: 0n, settledAt: now };
}

/** The processor says that money moved for an attempt that was given up. */
export function arriveLate(charge: FailedCharge, processorRef: string, now: Instant): LateCharge {
  return { facts: charge.facts, status: "late", processorRef, refunded: 0n, settledAt: now };
}

export function refuse(
  charge: PendingCharge | ChallengedCharge,
  reason: FailureReason,
  processorRef: string | null,
  now: Instant,
): FailedCharge {
  const { facts } = charge;
  return { facts, status: "failed", reason, processorRef, settledAt: now, lookUpAt: null, lookUps: 0 };
}

/** The word of whoever gives up counts at once. What was sent before may still be on its way, so the processor is asked. */
export function giveUp(
  charge: ChallengedCharge,
  reason: "authentication_abandoned" | "canceled" | "expired",
  now: Instant,
): FailedCharge {
  return { ...refuse(charge, reason, charge.processorRef, now), lookUpAt: now };
}

/** The processor has confirmed that no money moves any more. */
export function voided(charge: FailedCharge): FailedCharge {
  return { ...charge, lookUpAt: null, lookUps: 0 };
}

/** Refusals that no later try can mend: the subscription is unpaid at once (contract section 4). */
export function isFinalRefusal(reason: FailureReason): boolean {
  return reason === "lost_card" || reason === "stolen_card" || reason === "expired_card";
}

const REASON_TEXTS: Record<FailureReason, string> = {
  generic_decline: "The card was declined.",
  insufficient_funds: "The card has insufficient funds.",
  lost_card: "The card was reported lost.",
  stolen_card: "The card was reported stolen.",
  expired_card: "The card has expired.",
  incorrect_cvc: "The card's security code is incorrect.",
  processing_error: "The card could not be processed because of a processing error.",
  authentication_required: "The card requires authentication by the customer.",
  authentication_failed: "The customer's authentication failed.",
  authentication_abandoned: "The customer did not complete the authentication in time.",
  canceled: "The payment was canceled.",
  expired: "The payment intent expired.",
};

/** The English sentence of an event's `message`. */
export function failureText(reason: FailureReason): string {
  return REASON_TEXTS[reason];
}
