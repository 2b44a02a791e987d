/** Looks intents up, with what belongs to them. */
import type { Books } from "../../domain/account.ts";
import type { Charge } from "../../domain/charge.ts";
import type { IntentId, SubscriptionId } from "../../domain/ids.ts";
import { expire, type Intent } from "../../domain/intent.ts";
import { chargesOfIntent, newestFirstCharge } from "../../store/charges.ts";
import { findIntent, findIntentByReference, type IntentFilter, listIntents } from "../../store/intents.ts";
import type { Page } from "../../store/page.ts";
import { findSubscriptionOfIntent, subscriptionsOfIntents } from "../../store/subscriptions.ts";
import type { Platform } from "../platform.ts";

/** Charges shown with an intent, newest first: ten failures, a success and a good while of renewals. */
const CHARGES_SHOWN = 100;

/** How an intent stands in a list: with everything but its charges, of which a page could have ten thousand. */
export type ListedIntent = {
  readonly intent: Intent;
  readonly subscriptionId: SubscriptionId | null;
};

export type ShownIntent = ListedIntent & { readonly charges: readonly Charge[] };

/** Newest first: two statements, however many there are. */
export async function showIntents(
  platform: Platform,
  books: Books,
  filter: IntentFilter,
  page: Page<IntentId>,
): Promise<ListedIntent[]> {
  const { accountId } = books.account;
  const now = books.now();
  const intents = await listIntents(platform.db, accountId, filter, now, page);
  const recurring = intents.filter(({ facts }) => facts.intervalDays !== null);
  const ids = recurring.map(({ facts }) => facts.intentId);
  const subscriptions = ids.length === 0 ? null : await subscriptionsOfIntents(platform.db, accountId, ids);
  return intents.map((intent) => ({
    intent: expire(intent, now) ?? intent,
    subscriptionId: subscriptions?.get(intent.facts.intentId) ?? null,
  }));
}

export async function showIntent(
  platform: Platform,
  books: Books,
  intentId: IntentId,
): Promise<ShownIntent | null> {
  const intent = await findIntent(platform.db, books.account.accountId, intentId);
  return intent && (await withCompany(platform, books, intent));
}

export async function showIntentByReference(
  platform: Platform,
  books: Books,
  referenceId: string,
): Promise<ShownIntent | null> {
  const intent = await findIntentByReference(platform.db, books.account.accountId, referenceId);
  return intent && (await withCompany(platform, books, intent));
}

async function withCompany(platform: Platform, books: Books, intent: Intent): Promise<ShownIntent> {
  const { accountId } = books.account;
  const { intentId, intervalDays } = intent.facts;
  const [charges, subscription] = await Promise.all([
    chargesOfIntent(platform.db, accountId, intentId, CHARGES_SHOWN),
    intervalDays === null ? null : findSubscriptionOfIntent(platform.db, accountId, intentId),
  ]);
  return {
    intent: asOf(intent, books),
    charges,
    subscriptionId: subscription?.facts.subscriptionId ?? null,
  };
}

/** For the checkout page: the intent and the newest attempt to pay it. */
export async function showForCheckout(
  platform: Platform,
  books: Books,
  intentId: IntentId,
): Promise<{ readonly intent: Intent; readonly charge: Charge | null } | null> {
  const { accountId } = books.account;
  const [intent, charge] = await Promise.all([
    findIntent(platform.db, accountId, intentId),
    newestFirstCharge(platform.db, accountId, intentId),
  ]);
  return intent && { intent: asOf(intent, books), charge };
}

/** An intent whose time is up is shown expired, though the worker may write it a moment later. */
function asOf(intent: Intent, books: Books): Intent {
  return expire(intent, books.now()) ?? intent;
}
