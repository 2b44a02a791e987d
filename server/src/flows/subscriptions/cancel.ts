/** The merchant cancels a subscription: at once, never charged again; a renewal already sent is booked and told. */
import { fail, ok, type Result } from "../../base/result.ts";
import type { Books } from "../../domain/account.ts";
import type { SubscriptionId } from "../../domain/ids.ts";
import { cancelSubscription } from "../../domain/subscription.ts";
import { Overtaken } from "../../store/database.ts";
import { findIntent } from "../../store/intents.ts";
import { compareAndSetSubscription, findSubscription } from "../../store/subscriptions.ts";
import { type Answered, type Keyed, type KeyFailure, once } from "../once.ts";
import type { Platform } from "../platform.ts";
import { writeEvents } from "../write-events.ts";

export type CancelSubscriptionFailure = { readonly kind: "subscription_not_found" };

export async function cancel(
  platform: Platform,
  books: Books,
  command: {
    subscriptionId: SubscriptionId;
    keyed: Keyed | null;
    present: (subscriptionId: SubscriptionId) => string;
  },
): Promise<Result<Answered, CancelSubscriptionFailure | KeyFailure>> {
  const { accountId } = books.account;
  const { subscriptionId } = command;
  const result = await once<CancelSubscriptionFailure>(platform, accountId, command.keyed, async (tx) => {
    const subscription = await findSubscription(tx, accountId, subscriptionId);
    if (!subscription) return fail({ kind: "subscription_not_found" });
    const now = books.now();
    const cancelled = cancelSubscription(subscription, now);
    if (cancelled) {
      if (!(await compareAndSetSubscription(tx, subscription, cancelled))) {
        throw new Overtaken("a renewal or another cancel was first");
      }
      const intent = await findIntent(tx, accountId, subscription.facts.intentId);
      if (!intent) throw new Error("Assertion failed: a subscription has its intent");
      const message = "The subscription was canceled.";
      await writeEvents(
        platform,
        tx,
        intent.facts,
        [{ type: "subscription.canceled", subscriptionId, message }],
        now,
      );
    }
    return ok(command.present(subscriptionId));
  });
  if (result.ok) platform.wake();
  return result;
}
