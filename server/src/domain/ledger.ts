/**
 * Double entry: whatever moved is posted once on the processor's book (what it owes us, or has given back) and once,
 * with the other sign, on the merchant's; each posting sums to zero.
 */
import type { Instant } from "../base/instant.ts";
import type { ChargeFacts } from "./charge.ts";
import type { AccountId, ChargeId } from "./ids.ts";
import type { Currency } from "./money.ts";
import type { RefundFacts } from "./refund.ts";

export type Posting = {
  readonly accountId: AccountId;
  readonly chargeId: ChargeId;
  readonly kind: "charge" | "refund" | "reversal";
  /** What moved the money: the charge's attempt key, or the refund's id. */
  readonly sourceId: string;
  readonly currency: Currency;
  /** Minor units that the processor owes more (negative: less) from now on. */
  readonly amount: bigint;
  readonly at: Instant;
};

/** A refund takes back what its charge had posted, or a part of it. */
export function postRefund(refund: RefundFacts, at: Instant): Posting {
  return {
    accountId: refund.accountId,
    chargeId: refund.chargeId,
    kind: "refund",
    sourceId: refund.refundId,
    currency: refund.currency,
    amount: -refund.amount,
    at,
  };
}

export function postCharge(charge: ChargeFacts, at: Instant): Posting {
  return {
    accountId: charge.accountId,
    chargeId: charge.chargeId,
    kind: "charge",
    sourceId: charge.attemptKey,
    currency: charge.currency,
    amount: charge.amount,
    at,
  };
}
