/**
 * Makes a refund that is written down: asks the processor, and asks after it until the outcome is known. After a lost answer
 * it looks up before it asks again; and however often it asks, it is under one key, so nothing is refunded twice.
 */
import { plusMs } from "../../base/instant.ts";
import { WORKER } from "../../base/limits.ts";
import type { Books } from "../../domain/account.ts";
import type { EventDraft } from "../../domain/event.ts";
import { postRefund } from "../../domain/ledger.ts";
import { formatMinor } from "../../domain/money.ts";
import { type PendingRefund, postpone, refuse, succeed } from "../../domain/refund.ts";
import type { RefundAnswer, RefundRequest } from "../../processors/processor.ts";
import { findCharge } from "../../store/charges.ts";
import type { Tx } from "../../store/database.ts";
import { findIntent } from "../../store/intents.ts";
import { insertPosting } from "../../store/ledger.ts";
import { compareAndSetRefund, type DueRefund, leaseRefund, releaseRefund } from "../../store/refunds.ts";
import { ask, type Lost } from "../charges/attempt.ts";
import type { Platform } from "../platform.ts";
import { writeEvents } from "../write-events.ts";

/** False: another worker has it, or it is settled. */
export async function performRefund(platform: Platform, books: Books, due: DueRefund): Promise<boolean> {
  const wall = platform.world.now();
  const refund = await leaseRefund(platform.db, due, { wall, until: plusMs(wall, WORKER.leaseMs) });
  if (refund?.status !== "pending") return false;
  const answer = await refundAtProcessor(platform, refund);
  await platform.db.transaction((tx) => writeAnswer(platform, tx, books, refund, answer));
  platform.wake();
  return true;
}

async function refundAtProcessor(platform: Platform, refund: PendingRefund): Promise<RefundAnswer | Lost> {
  const { accountId, chargeId, refundId, amount, currency } = refund.facts;
  const charge = await findCharge(platform.db, accountId, chargeId);
  if (charge?.status !== "succeeded" && charge?.status !== "late") {
    throw new Error("Assertion failed: a refund belongs to a charge that moved money");
  }
  const processor = platform.processors.named(charge.facts.processor);
  const { attemptKey } = charge.facts;
  const { processorRef } = charge;
  const request: RefundRequest = {
    accountId,
    attemptKey,
    processorRef,
    refundKey: refundId,
    refundRef: refund.processorRef,
    amount,
    currency,
  };
  if (refund.lookUps > 0) {
    const found = await ask(platform, charge.facts, "a refund's look-up", () =>
      processor.lookUpRefund(request),
    );
    if (found.kind !== "unknown_refund") return found;
  }
  return await ask(platform, charge.facts, "a refund", () => processor.refund(request));
}

async function writeAnswer(
  platform: Platform,
  tx: Tx,
  books: Books,
  refund: PendingRefund,
  answer: RefundAnswer | Lost,
): Promise<void> {
  const now = books.now();
  const { accountId, intentId, chargeId, refundId, amount, currency, reason } = refund.facts;
  if (answer.kind === "lost" || answer.kind === "pending") {
    const ref = answer.kind === "pending" ? answer.processorRef : null;
    await compareAndSetRefund(tx, refund, postpone(refund, ref, now));
    return;
  }
  const succeeded = answer.kind === "succeeded";
  const after = succeeded ? succeed(refund, answer.processorRef, now) : refuse(refund, answer.reason, now);
  if (!(await compareAndSetRefund(tx, refund, after))) return; // somebody else has settled it
  if (succeeded) await insertPosting(tx, postRefund(refund.facts, now));
  else await releaseRefund(tx, accountId, chargeId, amount);
  const intent = await findIntent(tx, accountId, intentId);
  if (!intent) throw new Error("Assertion failed: a refund has its intent");
  const told = { chargeId, refundId, amount: formatMinor(amount, currency), currency, reason };
  const draft: EventDraft = succeeded
    ? { type: "payment.refunded", ...told }
    : { type: "refund.failed", ...told, message: answer.reason };
  await writeEvents(platform, tx, intent.facts, [draft], now);
}
