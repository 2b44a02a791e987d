/**
 * The merchant asks for a refund: its amount is reserved on the charge and the refund written down, in one transaction with
 * the Idempotency-Key; the answer is `pending`. The worker asks the processor at once (perform.ts).
 */
import { assert } from "../../base/assert.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Books } from "../../domain/account.ts";
import { type ChargeId, type IntentId, newRefundId } from "../../domain/ids.ts";
import type { Intent, IntentStatus } from "../../domain/intent.ts";
import { type PendingRefund, startRefund } from "../../domain/refund.ts";
import { findCharge } from "../../store/charges.ts";
import { Overtaken, type Tx } from "../../store/database.ts";
import { findIntent } from "../../store/intents.ts";
import { insertRefund, refundable, reserveRefund } from "../../store/refunds.ts";
import { type Answered, type Keyed, type KeyFailure, once } from "../once.ts";
import type { Platform } from "../platform.ts";

export type RefundCommand = {
  readonly intentId: IntentId;
  /** Null: the intent's first success. */
  readonly chargeId: ChargeId | null;
  /** Minor units, in the intent's currency; null: all that is left. */
  readonly amount: (intent: Intent) => Result<bigint | null, RefundFailure>;
  readonly reason: string | null;
  readonly keyed: Keyed | null;
  readonly present: (refund: PendingRefund) => string;
};

export type RefundFailure =
  | { readonly kind: "intent_not_found" }
  | { readonly kind: "intent_not_paid"; readonly status: Exclude<IntentStatus, "succeeded"> }
  /** The charge that was named is another intent's, or nobody's. */
  | { readonly kind: "charge_not_of_intent" }
  /** It is the intent's, and has moved no money. */
  | { readonly kind: "charge_not_paid" }
  /** All that is left was asked for, and nothing is. */
  | { readonly kind: "charge_refunded" }
  | { readonly kind: "refund_decimals" }
  | { readonly kind: "refund_too_large"; readonly left: string };

export async function createRefund(
  platform: Platform,
  books: Books,
  command: RefundCommand,
  showAmount: (minor: bigint, intent: Intent) => string,
): Promise<Result<Answered, RefundFailure | KeyFailure>> {
  const { accountId } = books.account;
  const result = await once<RefundFailure>(platform, accountId, command.keyed, async (tx) => {
    const intent = await findIntent(tx, accountId, command.intentId);
    if (!intent) return fail({ kind: "intent_not_found" });
    const begun = await reserve(platform, tx, books, intent, command, showAmount);
    if (!begun.ok) return begun;
    await insertRefund(tx, begun.value);
    return ok(command.present(begun.value));
  });
  if (result.ok) platform.wake();
  return result;
}

async function reserve(
  platform: Platform,
  tx: Tx,
  books: Books,
  intent: Intent,
  command: RefundCommand,
  showAmount: (minor: bigint, intent: Intent) => string,
): Promise<Result<PendingRefund, RefundFailure>> {
  const { accountId, intentId, currency } = intent.facts;
  const charge = await chargeToRefund(tx, intent, command.chargeId);
  if (!charge.ok) return charge;
  const { chargeId, left } = charge.value;
  const asked = command.amount(intent);
  if (!asked.ok) return asked;
  if (asked.value === null && left === 0n) return fail({ kind: "charge_refunded" });
  const amount = asked.value ?? left;
  assert(amount > 0n, "a refund's amount has passed its rules");
  if (amount > left) return fail({ kind: "refund_too_large", left: showAmount(left, intent) });
  if (!(await reserveRefund(tx, accountId, chargeId, amount)))
    throw new Overtaken("another refund was first");
  const now = books.now();
  const refundId = newRefundId({ at: now, random: platform.world.random });
  const { reason } = command;
  return ok(
    startRefund({ accountId, refundId, intentId, chargeId, currency, amount, reason, createdAt: now }),
  );
}

type ChargeLeft = { readonly chargeId: ChargeId; readonly left: bigint };

/** The charge that is named, or else the one that paid the intent, and what is left of it. */
async function chargeToRefund(
  tx: Tx,
  intent: Intent,
  named: ChargeId | null,
): Promise<Result<ChargeLeft, RefundFailure>> {
  const { accountId, intentId } = intent.facts;
  const leftOf = async (chargeId: ChargeId): Promise<Result<ChargeLeft, RefundFailure>> => {
    const moved = await refundable(tx, accountId, chargeId);
    return moved ? ok({ chargeId, left: moved.left }) : fail({ kind: "charge_not_paid" });
  };
  if (named === null) {
    if (intent.status !== "succeeded") return fail({ kind: "intent_not_paid", status: intent.status });
    return await leftOf(intent.chargeId);
  }
  const charge = await findCharge(tx, accountId, named);
  return charge?.facts.intentId === intentId ? await leftOf(named) : fail({ kind: "charge_not_of_intent" });
}
