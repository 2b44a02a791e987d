/** Payment intents. */

import { assert } from "../base/assert.ts";
import type { Instant } from "../base/instant.ts";
import type { AccountId, ChargeId, CustomerId, IntentId } from "../domain/ids.ts";
import type { Intent, IntentFacts, IntentStatus, Payable } from "../domain/intent.ts";
import type { Currency } from "../domain/money.ts";
import { type Queryable, type Tx, ts } from "./database.ts";
import { type Look, whose } from "./due.ts";
import { onPage, type Page } from "./page.ts";
import { empty, sql } from "./sql.ts";

type IntentRow = {
  account_id: AccountId;
  intent_id: IntentId;
  pay_secret: Buffer;
  customer_id: CustomerId;
  reference_id: string;
  customer_ref_id: string | null;
  email: string;
  name: string;
  integration_type: "iframe" | "url";
  success_url: string | null;
  cancel_url: string | null;
  interval_days: number | null;
  currency: Currency;
  amount: bigint;
  tax: bigint;
  discount: bigint;
  order_items: string;
  metadata: string;
  status: IntentStatus;
  charge_id: ChargeId | null;
  failed_charges: number;
  paid_at: Instant | null;
  created_at: Instant;
  expires_at: Instant;
};

const columns = sql`
  account_id, intent_id, pay_secret, customer_id, reference_id, customer_ref_id, email, name, integration_type,
  success_url, cancel_url, interval_days, currency, amount, tax, discount, order_items, metadata, status, charge_id,
  failed_charges, paid_at, created_at, expires_at`;

function toFacts(row: IntentRow): IntentFacts {
  return {
    accountId: row.account_id,
    intentId: row.intent_id,
    paySecret: row.pay_secret,
    customerId: row.customer_id,
    customerRefId: row.customer_ref_id,
    referenceId: row.reference_id,
    email: row.email,
    name: row.name,
    integration: integrationOf(row),
    intervalDays: row.interval_days,
    currency: row.currency,
    amount: row.amount,
    tax: row.tax,
    discount: row.discount,
    orderItems: row.order_items,
    metadata: row.metadata,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

function integrationOf(row: IntentRow): IntentFacts["integration"] {
  const { integration_type: type, success_url: successUrl, cancel_url: cancelUrl } = row;
  if (type === "iframe") return { type, successUrl, cancelUrl };
  assert(successUrl !== null && cancelUrl !== null, "a url integration has both its addresses");
  return { type, successUrl, cancelUrl };
}

function toIntent(row: IntentRow): Intent {
  const common = { facts: toFacts(row), failedCharges: row.failed_charges };
  switch (row.status) {
    case "requires_payment":
    case "failed":
    case "cancelled":
    case "expired":
      return { ...common, status: row.status };
    case "processing":
    case "requires_action":
      assert(row.charge_id !== null, "an intent under way has its charge");
      return { ...common, status: row.status, chargeId: row.charge_id };
    case "succeeded":
      assert(row.charge_id !== null && row.paid_at !== null, "a paid intent has its charge and its time");
      return { ...common, status: row.status, chargeId: row.charge_id, paidAt: row.paid_at };
  }
}

export async function findIntent(
  db: Queryable,
  accountId: AccountId,
  intentId: IntentId,
): Promise<Intent | null> {
  const rows = await db.query<IntentRow>(sql`
    select ${columns} from intents where account_id = ${accountId} and intent_id = ${intentId}`);
  return rows[0] ? toIntent(rows[0]) : null;
}

export async function findIntentByReference(
  db: Queryable,
  accountId: AccountId,
  referenceId: string,
): Promise<Intent | null> {
  const rows = await db.query<IntentRow>(sql`
    select ${columns} from intents where account_id = ${accountId} and reference_id = ${referenceId}`);
  return rows[0] ? toIntent(rows[0]) : null;
}

export type IntentFilter = {
  readonly status: IntentStatus | null;
  readonly customerRefId: string | null;
  /** Created at this time or after it. */
  readonly from: Instant | null;
  /** Created before this time. */
  readonly to: Instant | null;
};

/** Newest first. One whose time is up at `now` counts as expired, as everywhere, though the worker has yet to write it. */
export async function listIntents(
  db: Queryable,
  accountId: AccountId,
  { status, customerRefId, from, to }: IntentFilter,
  now: Instant,
  page: Page<IntentId>,
): Promise<Intent[]> {
  const shown = sql`case when expires_at <= ${ts(now)} and status in ('requires_payment', 'requires_action')
                         then 'expired' else status end`;
  const rows = await db.query<IntentRow>(sql`
    select ${columns} from intents
     where account_id = ${accountId}
       ${status === null ? empty : sql`and ${shown} = ${status}`}
       ${customerRefId === null ? empty : sql`and customer_ref_id = ${customerRefId}`}
       ${from === null ? empty : sql`and created_at >= ${ts(from)}`}
       ${to === null ? empty : sql`and created_at < ${ts(to)}`}
       ${onPage(page, sql`created_at`, sql`intent_id`)}`);
  return rows.map(toIntent);
}

export async function referenceIsTaken(
  db: Queryable,
  accountId: AccountId,
  referenceId: string,
): Promise<boolean> {
  const rows = await db.query(sql`
    select 1 from intents where account_id = ${accountId} and reference_id = ${referenceId}`);
  return rows.length === 1;
}

/** Inserts those whose reference_id is free (in the table and within the batch) and gives back which. */
export async function insertIntents(
  tx: Tx,
  accountId: AccountId,
  intents: readonly Payable[],
): Promise<Set<IntentId>> {
  const f = intents
    .map((intent) => intent.facts)
    .toSorted((a, b) => (a.referenceId < b.referenceId ? -1 : 1));
  const rows = await tx.query<{ intent_id: IntentId }>(sql`
    insert into intents (
      account_id, intent_id, pay_secret, customer_id, reference_id, customer_ref_id, email, name, integration_type,
      success_url, cancel_url, type, interval_days, currency, amount, tax, discount, order_items, metadata, status,
      created_at, expires_at)
    select ${accountId}::uuid, n.intent_id, n.pay_secret, n.customer_id, n.reference_id, n.customer_ref_id, n.email, n.name,
           n.integration_type, n.success_url, n.cancel_url,
           case when n.interval_days is null then 'one_time' else 'recurring' end, n.interval_days, n.currency, n.amount,
           n.tax, n.discount, n.order_items, n.metadata, 'requires_payment', n.created_at, n.expires_at
      from unnest(
        ${f.map((i) => i.intentId)}::uuid[], ${f.map((i) => i.paySecret)}::bytea[], ${f.map((i) => i.customerId)}::uuid[],
        ${f.map((i) => i.referenceId)}::text[], ${f.map((i) => i.customerRefId)}::text[], ${f.map((i) => i.email)}::text[],
        ${f.map((i) => i.name)}::text[], ${f.map((i) => i.integration.type)}::text[],
        ${f.map((i) => i.integration.successUrl)}::text[], ${f.map((i) => i.integration.cancelUrl)}::text[],
        ${f.map((i) => i.intervalDays)}::integer[], ${f.map((i) => i.currency)}::text[], ${f.map((i) => i.amount)}::bigint[],
        ${f.map((i) => i.tax)}::bigint[], ${f.map((i) => i.discount)}::bigint[], ${f.map((i) => i.orderItems)}::json[],
        ${f.map((i) => i.metadata)}::json[], ${f.map((i) => ts(i.createdAt))}::timestamptz[],
        ${f.map((i) => ts(i.expiresAt))}::timestamptz[])
        as n (intent_id, pay_secret, customer_id, reference_id, customer_ref_id, email, name, integration_type,
              success_url, cancel_url, interval_days, currency, amount, tax, discount, order_items, metadata,
              created_at, expires_at)
    on conflict (account_id, reference_id) do nothing
    returning intent_id`);
  return new Set(rows.map((row) => row.intent_id));
}

/**
 * Takes one arrow: writes `after` where the row still stands as in `before`. False: somebody was first; read again.
 * Status, charge and count of failures are the state's version: the only way back to all three leads through a challenge,
 * whose arrows are guarded by the charge as well.
 */
export async function compareAndSetIntent(tx: Tx, before: Intent, after: Intent): Promise<boolean> {
  assert(before.facts.intentId === after.facts.intentId, "an arrow stays within one intent");
  const rows = await tx.query(sql`
    update intents
       set status = ${after.status}, charge_id = ${chargeOf(after)}, failed_charges = ${after.failedCharges},
           paid_at = ${after.status === "succeeded" ? ts(after.paidAt) : null}
     where account_id = ${before.facts.accountId} and intent_id = ${before.facts.intentId}
       and status = ${before.status} and charge_id is not distinct from ${chargeOf(before)}
       and failed_charges = ${before.failedCharges}
    returning intent_id`);
  return rows.length === 1;
}

function chargeOf(intent: Intent): ChargeId | null {
  return "chargeId" in intent ? intent.chargeId : null;
}

export type DueIntent = {
  readonly accountId: AccountId;
  readonly intentId: IntentId;
  readonly dueAt: Instant;
};

/** Payable intents whose time is up. */
export function dueIntents(db: Queryable, look: Look): Promise<DueIntent[]> {
  return db.query<DueIntent>(sql`
    select account_id as "accountId", intent_id as "intentId", expires_at as "dueAt" from intents
     where expires_at <= ${ts(look.at)} and status in ('requires_payment', 'requires_action') ${whose(look)}
     order by expires_at limit ${look.most}`);
}
