/**
 * The customer is back from a challenge. Coming back moves no money: the intent goes on to `processing` first
 * (compare-and-set against a cancel or expiry), and only then may the processor complete the attempt.
 */
import type { Books } from "../../domain/account.ts";
import { type PendingCharge, type Returned, resume as resumeCharge } from "../../domain/charge.ts";
import type { IntentId } from "../../domain/ids.ts";
import { expire, resume as resumeIntent } from "../../domain/intent.ts";
import { compareAndSetCharge, findCharge } from "../../store/charges.ts";
import { Overtaken } from "../../store/database.ts";
import { compareAndSetIntent, findIntent } from "../../store/intents.ts";
import type { Platform } from "../platform.ts";
import { ask, sentAttempt } from "./attempt.ts";
import { settleOrPostpone } from "./pay.ts";

/** `returned`: the processor's parameters in the address. Does nothing where no challenge is open, or the intent's time is up. */
export async function resume(
  platform: Platform,
  books: Books,
  intentId: IntentId,
  returned: Returned,
): Promise<void> {
  const charge = await backUnderWay(platform, books, intentId, returned);
  if (!charge) return;
  const attempt = await sentAttempt(platform, books.account, charge);
  const processor = platform.processors.named(charge.facts.processor);
  const answer = await ask(platform, charge.facts, "a completed challenge", () =>
    processor.complete(attempt),
  );
  await settleOrPostpone(platform, books, charge, answer);
}

async function backUnderWay(
  platform: Platform,
  books: Books,
  intentId: IntentId,
  returned: Returned,
): Promise<PendingCharge | null> {
  const { accountId } = books.account;
  return await platform.db.transaction(async (tx) => {
    const intent = await findIntent(tx, accountId, intentId);
    if (intent?.status !== "requires_action" || expire(intent, books.now())) return null;
    const charge = await findCharge(tx, accountId, intent.chargeId);
    if (charge?.status !== "requires_action") throw new Overtaken("the challenge was just answered");
    const resumed = resumeCharge(charge, returned, books.now());
    if (!(await compareAndSetCharge(tx, charge, resumed)))
      throw new Overtaken("the challenge was just answered");
    if (!(await compareAndSetIntent(tx, intent, resumeIntent(intent))))
      throw new Overtaken("the intent just changed");
    return resumed;
  });
}
