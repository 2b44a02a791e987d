/**
 * Charges a subscription that is due: the next cycle, or a retry of a debt. Write down, ask, write the answer, as for a
 * first payment; the unique index on (intent, cycle) refuses a second charge of a cycle that could succeed.
 */
import type { Books } from "../../domain/account.ts";
import { type PendingCharge, startCharge } from "../../domain/charge.ts";
import { newAttemptKey } from "../../domain/ids.ts";
import type { IntentFacts } from "../../domain/intent.ts";
import { cycleToCharge, startRenewal } from "../../domain/subscription.ts";
import { insertCharge } from "../../store/charges.ts";
import { findIntent } from "../../store/intents.ts";
import {
  compareAndSetSubscription,
  type DueSubscription,
  findSubscription,
} from "../../store/subscriptions.ts";
import { ask, attemptRequest } from "../charges/attempt.ts";
import { settleOrPostpone } from "../charges/pay.ts";
import type { Platform } from "../platform.ts";

/** False: it is not due any more, or another worker was first. */
export async function renew(platform: Platform, books: Books, due: DueSubscription): Promise<boolean> {
  const begun = await begin(platform, books, due);
  if (!begun) return false;
  const { charge, intent } = begun;
  const processor = platform.processors.named(charge.facts.processor);
  const request = attemptRequest(platform, books.account, charge.facts, intent);
  const answer = await ask(platform, charge.facts, "a renewal", () => processor.charge(request));
  await settleOrPostpone(platform, books, charge, answer);
  return true;
}

async function begin(
  platform: Platform,
  books: Books,
  due: DueSubscription,
): Promise<{ charge: PendingCharge; intent: IntentFacts } | null> {
  const chargeId = await platform.nextChargeId();
  const { accountId, subscriptionId } = due;
  return await platform.db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, accountId, subscriptionId);
    if (subscription?.status !== "active" && subscription?.status !== "past_due") return null;
    if (subscription.next.dueAt !== due.dueAt) return null;
    const intent = await findIntent(tx, accountId, subscription.facts.intentId);
    if (!intent) throw new Error("Assertion failed: a subscription has its intent");
    if (!(await compareAndSetSubscription(tx, subscription, startRenewal(subscription, chargeId))))
      return null;
    const now = books.now();
    const { facts } = subscription;
    const charge = startCharge({
      accountId,
      chargeId,
      intentId: facts.intentId,
      subscriptionId,
      cycle: cycleToCharge(subscription, now),
      currency: facts.currency,
      amount: facts.amount,
      processor: facts.processor,
      attemptKey: newAttemptKey({ at: now, random: platform.world.random }),
      method: facts.method,
      createdAt: now,
    });
    await insertCharge(tx, charge);
    return { charge, intent: intent.facts };
  });
}
