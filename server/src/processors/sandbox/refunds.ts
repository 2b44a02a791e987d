/** Refunds as the sandbox makes them: at once, one for each refund key, and never more than the payment in all. */
import type { RefundAnswer, RefundRequest } from "../processor.ts";
import * as books from "./books.ts";
import type { Desk } from "./payments.ts";
import { newRefundRef } from "./references.ts";

/** The sandbox files refunds under our key alone. */
export type RefundOrder = Omit<RefundRequest, "refundRef">;

/**
 * Makes the refund of a refund key, or finds it; a failed one stays failed. Throws for an attempt it does not know, and
 * for a key that was used for another refund.
 */
export async function refund(desk: Desk, request: RefundOrder, isRefused: boolean): Promise<RefundAnswer> {
  const { accountId, attemptKey, refundKey, currency, amount } = request;
  const made = await desk.db.transaction(async (tx): Promise<books.Refund> => {
    const payment = await books.lockRefundable(tx, accountId, attemptKey);
    if (!payment) throw new Error("The sandbox knows no payment under this attempt key.");
    const earlier = await books.findRefund(tx, accountId, refundKey);
    if (earlier) return refuseOtherUse(earlier, request);
    const state = isRefused ? REFUSED : judgeRefund(payment, request);
    const refundRef = newRefundRef(desk.world);
    const first: books.Refund = { accountId, refundKey, attemptKey, refundRef, currency, amount, state };
    if (!(await books.insertRefund(tx, first, desk.world.now()))) throw keyReused();
    if (state.status === "succeeded") await books.addRefunded(tx, first, desk.world.now());
    return first;
  });
  return answerFor(made);
}

/** What became of a refund; `unknown_refund` where it has not arrived, so far. Throws for a key of another refund. */
export async function lookUpRefund(
  desk: Desk,
  request: RefundOrder,
): Promise<RefundAnswer | { readonly kind: "unknown_refund" }> {
  const found = await books.findRefund(desk.db, request.accountId, request.refundKey);
  return found ? answerFor(refuseOtherUse(found, request)) : { kind: "unknown_refund" };
}

const REFUSED: books.RefundState = { status: "failed", failure: "refused_as_rehearsed" };

function judgeRefund(payment: books.RefundablePayment, request: RefundOrder): books.RefundState {
  if (payment.status !== "succeeded") return { status: "failed", failure: "payment_not_succeeded" };
  if (payment.currency !== request.currency) return { status: "failed", failure: "other_currency" };
  if (payment.refunded + request.amount > payment.amount)
    return { status: "failed", failure: "more_than_is_left" };
  return { status: "succeeded" };
}

function refuseOtherUse(earlier: books.Refund, request: RefundOrder): books.Refund {
  const same =
    earlier.attemptKey === request.attemptKey &&
    earlier.amount === request.amount &&
    earlier.currency === request.currency;
  if (!same) throw keyReused();
  return earlier;
}

function keyReused(): Error {
  return new Error("This refund key was used for another refund: the payment, amount or currency differs.");
}

const FAILURE_TEXTS: Record<books.RefundFailure, string> = {
  payment_not_succeeded: "The payment has not succeeded, so there is nothing to refund.",
  other_currency: "The refund is in another currency than the payment.",
  more_than_is_left: "The refund is more than what is left of the payment.",
  refused_as_rehearsed: "The sandbox refused this refund, as was rehearsed.",
};

function answerFor({ state, refundRef }: books.Refund): RefundAnswer {
  return state.status === "succeeded"
    ? { kind: "succeeded", processorRef: refundRef }
    : { kind: "failed", reason: FAILURE_TEXTS[state.failure] };
}
