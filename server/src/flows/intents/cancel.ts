/**
 * The merchant cancels an intent. Against a payment that starts or comes back from its challenge at the same moment,
 * compare-and-set lets exactly one of the two win (contract section 2).
 */
import { fail, ok, type Result } from "../../base/result.ts";
import type { Books } from "../../domain/account.ts";
import type { IntentId } from "../../domain/ids.ts";
import { type CannotCancelIntent, cancelIntent, expire, type Intent } from "../../domain/intent.ts";
import { findCharge } from "../../store/charges.ts";
import { Overtaken, type Tx } from "../../store/database.ts";
import { compareAndSetIntent, findIntent } from "../../store/intents.ts";
import { giveUp } from "../charges/settle.ts";
import { type Answered, type Keyed, type KeyFailure, once } from "../once.ts";
import type { Platform } from "../platform.ts";
import { writeEvents } from "../write-events.ts";

export type CancelIntentFailure = { readonly kind: "intent_not_found" } | CannotCancelIntent;

export async function cancel(
  platform: Platform,
  books: Books,
  command: { intentId: IntentId; keyed: Keyed | null; present: (intentId: IntentId) => string },
): Promise<Result<Answered, CancelIntentFailure | KeyFailure>> {
  const { accountId } = books.account;
  const result = await once<CancelIntentFailure>(platform, accountId, command.keyed, async (tx) => {
    const intent = await findIntent(tx, accountId, command.intentId);
    if (!intent) return fail({ kind: "intent_not_found" });
    if (expire(intent, books.now())) return fail({ kind: "intent_not_cancellable", status: "expired" });
    const cancelled = cancelIntent(intent);
    if (!cancelled.ok) return cancelled;
    if (cancelled.value) await writeCancel(platform, tx, books, intent, cancelled.value);
    return ok(command.present(command.intentId));
  });
  if (result.ok) platform.wake();
  return result;
}

async function writeCancel(
  platform: Platform,
  tx: Tx,
  books: Books,
  before: Intent,
  after: Intent,
): Promise<void> {
  const now = books.now();
  await closeChallenge(platform, tx, before, "canceled", now);
  if (!(await compareAndSetIntent(tx, before, after)))
    throw new Overtaken("a payment or another cancel was first");
  await writeEvents(
    platform,
    tx,
    before.facts,
    [{ type: "payment.canceled", message: "The payment intent was canceled." }],
    now,
  );
}

/** Gives up the open challenge, if there is one, of an intent that ends. The worker tells the processor (reconcile.ts). */
export async function closeChallenge(
  platform: Platform,
  tx: Tx,
  intent: Intent,
  why: "canceled" | "expired",
  now: ReturnType<Books["now"]>,
): Promise<void> {
  if (intent.status !== "requires_action") return;
  const charge = await findCharge(tx, intent.facts.accountId, intent.chargeId);
  if (charge?.status !== "requires_action") throw new Overtaken("the challenge was just answered");
  await giveUp(platform, tx, charge, intent, why, now);
}
