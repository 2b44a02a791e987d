/**
 * The merchant asks for a refund: its amount is reserved on the charge and the refund written down, in one transaction with
 * the Idempotency-Key; the answer is `pending`. The worker asks the processor at once (perform.ts).
 */
import { fail, ok, type Result } from "../../base/result.ts";
import type { Books } from "../../domain/account.ts";
import { type ChargeId, type IntentId, newRefundId } from "../../domain/ids.ts";
import type { Intent } from "../../domain/intent.ts";
import { type PendingRefund, startRefund } from "../../domain/refund.ts";
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
  /** Nothing of the intent, or of this charge of it, was paid. */
  | { readonly kind: "nothing_to_refund" }
  | { readonly kind: "refund_amount_invalid"; readonly text: string }
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
  const chargeId = command.chargeId ?? (intent.status === "succeeded" ? intent.chargeId : null);
  const charge = chargeId === null ? null : await refundable(tx, accountId, chargeId);
  if (chargeId === null || charge?.intentId !== intentId) return fail({ kind: "nothing_to_refund" });
  const asked = command.amount(intent);
  if (!asked.ok) return asked;
  if (charge.left === 0n) return fail({ kind: "nothing_to_refund" });
  const amount = asked.value ?? charge.left;
  if (amount > charge.left || amount <= 0n) {
    return fail({ kind: "refund_too_large", left: showAmount(charge.left, intent) });
  }
  if (!(await reserveRefund(tx, accountId, chargeId, amount)))
    throw new Overtaken("another refund was first");
  const now = books.now();
  const refundId = newRefundId({ at: now, random: platform.world.random });
  const { reason } = command;
  return ok(
    startRefund({ accountId, refundId, intentId, chargeId, currency, amount, reason, createdAt: now }),
  );
}
