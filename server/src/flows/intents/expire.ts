/** An intent that nobody paid within 24 hours expires; it writes no event (contract, "Words"). */
import type { Books } from "../../domain/account.ts";
import type { IntentId } from "../../domain/ids.ts";
import { expire as expireIntent } from "../../domain/intent.ts";
import { Overtaken } from "../../store/database.ts";
import { compareAndSetIntent, findIntent } from "../../store/intents.ts";
import type { Platform } from "../platform.ts";
import { closeChallenge } from "./cancel.ts";

/** False: it is not due any more. */
export async function expire(platform: Platform, books: Books, intentId: IntentId): Promise<boolean> {
  const expired = await platform.db.transaction(async (tx) => {
    const now = books.now();
    const intent = await findIntent(tx, books.account.accountId, intentId);
    const ended = intent && expireIntent(intent, now);
    if (!ended) return false;
    await closeChallenge(platform, tx, intent, "expired", now);
    if (!(await compareAndSetIntent(tx, intent, ended))) throw new Overtaken("the intent just changed");
    return true;
  });
  if (expired) platform.wake();
  return expired;
}
