/** Subscriptions. */
import { assert } from "../base/assert.ts";
import type { Instant } from "../base/instant.ts";
import type { AccountId, ChargeId, CustomerId, IntentId, SubscriptionId } from "../domain/ids.ts";
import type { Currency } from "../domain/money.ts";
import type { Active, Subscription, SubscriptionFacts, SubscriptionStatus } from "../domain/subscription.ts";
import { type Queryable, type Tx, ts } from "./database.ts";
import { type Look, whose } from "./due.ts";
import { type MethodColumns, methodColumns, methodOf, methodValues } from "./method.ts";
import { onPage, type Page } from "./page.ts";
import { empty, sql } from "./sql.ts";

type SubscriptionRow = MethodColumns & {
  account_id: AccountId;
  subscription_id: SubscriptionId;
  intent_id: IntentId;
  customer_id: CustomerId;
  currency: Currency;
  amount: bigint;
  interval_days: number;
  processor: string;
  anchor_at: Instant;
  status: SubscriptionStatus;
  current_cycle: number;
  debt_cycle: number | null;
  charge_id: ChargeId | null;
  due_at: Instant | null;
  created_at: Instant;
  cancelled_at: Instant | null;
};

const columns = sql`
  account_id, subscription_id, intent_id, customer_id, currency, amount, interval_days, processor, ${methodColumns},
  anchor_at, status, current_cycle, debt_cycle, charge_id, due_at, created_at, cancelled_at`;

function toFacts(row: SubscriptionRow): SubscriptionFacts {
  return {
    accountId: row.account_id,
    subscriptionId: row.subscription_id,
    intentId: row.intent_id,
    customerId: row.customer_id,
    currency: row.currency,
    amount: row.amount,
    intervalDays: row.interval_days,
    processor: row.processor,
    method: methodOf(row),
    anchorAt: row.anchor_at,
    createdAt: row.created_at,
  };
}

function nextOf(row: SubscriptionRow) {
  if (row.charge_id !== null) return { dueAt: null, chargeId: row.charge_id };
  assert(row.due_at !== null, "a living subscription waits for a time or a charge");
  return { dueAt: row.due_at, chargeId: null };
}

function toSubscription(row: SubscriptionRow): Subscription {
  const common = { facts: toFacts(row), currentCycle: row.current_cycle };
  switch (row.status) {
    case "active":
      return { ...common, status: "active", next: nextOf(row) };
    case "past_due":
      assert(row.debt_cycle !== null, "a debt has its cycle");
      return { ...common, status: "past_due", debtCycle: row.debt_cycle, next: nextOf(row) };
    case "unpaid":
      assert(row.debt_cycle !== null, "a debt has its cycle");
      return { ...common, status: "unpaid", debtCycle: row.debt_cycle };
    case "cancelled":
      assert(row.cancelled_at !== null, "a cancelled subscription has its time");
      return { ...common, status: "cancelled", cancelledAt: row.cancelled_at, chargeId: row.charge_id };
  }
}

/** The columns of a state, absent ones null: the version that compare-and-set compares, and what it writes. */
function stateOf(subscription: Subscription) {
  const living = subscription.status === "active" || subscription.status === "past_due";
  const cancelled = subscription.status === "cancelled";
  return {
    status: subscription.status,
    currentCycle: subscription.currentCycle,
    debtCycle: "debtCycle" in subscription ? subscription.debtCycle : null,
    chargeId: living ? subscription.next.chargeId : cancelled ? subscription.chargeId : null,
    dueAt: living ? ts(subscription.next.dueAt) : null,
    cancelledAt: cancelled ? ts(subscription.cancelledAt) : null,
  };
}

export async function insertSubscription(tx: Tx, subscription: Active): Promise<void> {
  const { facts } = subscription;
  const state = stateOf(subscription);
  await tx.query(sql`
    insert into subscriptions (
      account_id, subscription_id, intent_id, customer_id, currency, amount, interval_days, processor,
      ${methodColumns}, anchor_at, status, current_cycle, due_at, created_at)
    values (
      ${facts.accountId}, ${facts.subscriptionId}, ${facts.intentId}, ${facts.customerId}, ${facts.currency},
      ${facts.amount}, ${facts.intervalDays}, ${facts.processor}, ${methodValues(facts.method)}, ${ts(facts.anchorAt)},
      ${state.status}, ${state.currentCycle}, ${state.dueAt}, ${ts(facts.createdAt)})`);
}

export async function findSubscription(
  db: Queryable,
  accountId: AccountId,
  subscriptionId: SubscriptionId,
): Promise<Subscription | null> {
  const rows = await db.query<SubscriptionRow>(sql`
    select ${columns} from subscriptions where account_id = ${accountId} and subscription_id = ${subscriptionId}`);
  return rows[0] ? toSubscription(rows[0]) : null;
}

export async function findSubscriptionOfIntent(
  db: Queryable,
  accountId: AccountId,
  intentId: IntentId,
): Promise<Subscription | null> {
  const rows = await db.query<SubscriptionRow>(sql`
    select ${columns} from subscriptions where account_id = ${accountId} and intent_id = ${intentId}`);
  return rows[0] ? toSubscription(rows[0]) : null;
}

/** Newest first. */
export async function listSubscriptions(
  db: Queryable,
  accountId: AccountId,
  filter: { status: SubscriptionStatus | null; page: Page<SubscriptionId> },
): Promise<Subscription[]> {
  const wanted = filter.status === null ? empty : sql`and status = ${filter.status}`;
  const rows = await db.query<SubscriptionRow>(sql`
    select ${columns} from subscriptions
     where account_id = ${accountId} ${wanted} ${onPage(filter.page, sql`created_at`, sql`subscription_id`)}`);
  return rows.map(toSubscription);
}

/** By intent, for those that have one. */
export async function subscriptionsOfIntents(
  db: Queryable,
  accountId: AccountId,
  intentIds: readonly IntentId[],
): Promise<Map<IntentId, SubscriptionId>> {
  const rows = await db.query<{ intent_id: IntentId; subscription_id: SubscriptionId }>(sql`
    select intent_id, subscription_id from subscriptions
     where account_id = ${accountId} and intent_id = any(${intentIds}::uuid[])`);
  return new Map(rows.map((row) => [row.intent_id, row.subscription_id]));
}

/** Takes one arrow; false: somebody was first. */
export async function compareAndSetSubscription(
  tx: Tx,
  before: Subscription,
  after: Subscription,
): Promise<boolean> {
  const from = stateOf(before);
  const to = stateOf(after);
  const rows = await tx.query(sql`
    update subscriptions
       set status = ${to.status}, current_cycle = ${to.currentCycle}, debt_cycle = ${to.debtCycle},
           charge_id = ${to.chargeId}, due_at = ${to.dueAt}, cancelled_at = ${to.cancelledAt}
     where account_id = ${before.facts.accountId} and subscription_id = ${before.facts.subscriptionId}
       and status = ${from.status} and current_cycle = ${from.currentCycle}
       and debt_cycle is not distinct from ${from.debtCycle} and charge_id is not distinct from ${from.chargeId}
       and due_at is not distinct from ${from.dueAt}
    returning subscription_id`);
  return rows.length === 1;
}

export type DueSubscription = {
  readonly accountId: AccountId;
  readonly subscriptionId: SubscriptionId;
  readonly dueAt: Instant;
};

/** Subscriptions to be charged. */
export function dueSubscriptions(db: Queryable, look: Look): Promise<DueSubscription[]> {
  return db.query<DueSubscription>(sql`
    select account_id as "accountId", subscription_id as "subscriptionId", due_at as "dueAt" from subscriptions
     where due_at <= ${ts(look.at)} ${whose(look)}
     order by due_at limit ${look.most}`);
}
