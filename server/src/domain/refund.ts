/**
 * A refund gives back all or part of a charge. It is written down with its amount reserved on the charge, then asked for,
 * and asked after until its outcome is known: `pending → succeeded | failed`. A failed one frees what it had reserved.
 * Source: contract section 6.
 */
import type { Instant } from "../base/instant.ts";
import { nextLookUpAt } from "./charge.ts";
import type { AccountId, ChargeId, IntentId, RefundId } from "./ids.ts";
import type { Currency } from "./money.ts";

/** The reason of a refund that the platform makes by itself: the money moved after the attempt had been given up. */
export const LATE_SUCCESS = "late_success";

export type RefundFacts = {
  readonly accountId: AccountId;
  readonly refundId: RefundId;
  readonly intentId: IntentId;
  readonly chargeId: ChargeId;
  readonly currency: Currency;
  /** Minor units. */
  readonly amount: bigint;
  readonly reason: string | null;
  readonly createdAt: Instant;
};

type Common = { readonly facts: RefundFacts };
export type PendingRefund = Common & {
  readonly status: "pending";
  /** Where the processor has taken it and not yet decided. */
  readonly processorRef: string | null;
  readonly lookUpAt: Instant;
  readonly lookUps: number;
};
export type SucceededRefund = Common & {
  readonly status: "succeeded";
  readonly processorRef: string;
  readonly settledAt: Instant;
};
export type FailedRefund = Common & {
  readonly status: "failed";
  readonly failure: string;
  readonly settledAt: Instant;
};
export type Refund = PendingRefund | SucceededRefund | FailedRefund;

/** Due at once: the worker asks the processor. */
export function startRefund(facts: RefundFacts): PendingRefund {
  return { facts, status: "pending", processorRef: null, lookUpAt: facts.createdAt, lookUps: 0 };
}

export function succeed(refund: PendingRefund, processorRef: string, now: Instant): SucceededRefund {
  return { facts: refund.facts, status: "succeeded", processorRef, settledAt: now };
}

export function refuse(refund: PendingRefund, failure: string, now: Instant): FailedRefund {
  return { facts: refund.facts, status: "failed", failure, settledAt: now };
}

/** `processorRef`: what the processor calls it, where it has just said so. */
export function postpone(refund: PendingRefund, processorRef: string | null, now: Instant): PendingRefund {
  const known = processorRef ?? refund.processorRef;
  return {
    ...refund,
    processorRef: known,
    lookUpAt: nextLookUpAt(now, refund.lookUps),
    lookUps: refund.lookUps + 1,
  };
}
