/** Refunds, and the part of a charge that they reserve. */
import { assert } from "../base/assert.ts";
import type { Instant } from "../base/instant.ts";
import type { AccountId, ChargeId, IntentId, RefundId } from "../domain/ids.ts";
import type { Currency } from "../domain/money.ts";
import type { PendingRefund, Refund, RefundFacts } from "../domain/refund.ts";
import { type Queryable, type Tx, ts } from "./database.ts";
import { type Look, notLeased, whose } from "./due.ts";
import { sql } from "./sql.ts";

type RefundRow = {
  account_id: AccountId;
  refund_id: RefundId;
  intent_id: IntentId;
  charge_id: ChargeId;
  currency: Currency;
  amount: bigint;
  reason: string | null;
  status: Refund["status"];
  processor_ref: string | null;
  failure: string | null;
  look_up_at: Instant | null;
  look_ups: number;
  created_at: Instant;
  settled_at: Instant | null;
};

const columns = sql`
  account_id, refund_id, intent_id, charge_id, currency, amount, reason, status, processor_ref, failure, look_up_at, look_ups,
  created_at, settled_at`;

function toRefund(row: RefundRow): Refund {
  const facts: RefundFacts = {
    accountId: row.account_id,
    refundId: row.refund_id,
    intentId: row.intent_id,
    chargeId: row.charge_id,
    currency: row.currency,
    amount: row.amount,
    reason: row.reason,
    createdAt: row.created_at,
  };
  switch (row.status) {
    case "pending":
      assert(row.look_up_at !== null, "a pending refund is asked after");
      return {
        facts,
        status: "pending",
        processorRef: row.processor_ref,
        lookUpAt: row.look_up_at,
        lookUps: row.look_ups,
      };
    case "succeeded":
      assert(
        row.settled_at !== null && row.processor_ref !== null,
        "a success has its time and its reference",
      );
      return { facts, status: "succeeded", processorRef: row.processor_ref, settledAt: row.settled_at };
    case "failed":
      assert(row.settled_at !== null && row.failure !== null, "a failure has its time and its reason");
      return { facts, status: "failed", failure: row.failure, settledAt: row.settled_at };
  }
}

/** Reserves `amount` of what is left of a charge that moved money. False: so much is not left. */
export async function reserveRefund(
  tx: Tx,
  accountId: AccountId,
  chargeId: ChargeId,
  amount: bigint,
): Promise<boolean> {
  const rows = await tx.query(sql`
    update charges set refunded = refunded + ${amount}
     where account_id = ${accountId} and charge_id = ${chargeId} and status in ('succeeded', 'late')
       and refunded + ${amount} <= amount
    returning charge_id`);
  return rows.length === 1;
}

/** Gives back what a failed refund had reserved. */
export async function releaseRefund(
  tx: Tx,
  accountId: AccountId,
  chargeId: ChargeId,
  amount: bigint,
): Promise<void> {
  await tx.query(sql`
    update charges set refunded = refunded - ${amount} where account_id = ${accountId} and charge_id = ${chargeId}`);
}

/** What is left to refund of a charge; null where there is no charge that moved money. */
export async function refundable(
  db: Queryable,
  accountId: AccountId,
  chargeId: ChargeId,
): Promise<{ intentId: IntentId; left: bigint } | null> {
  const rows = await db.query<{ intentId: IntentId; left: bigint }>(sql`
    select intent_id as "intentId", amount - refunded as left from charges
     where account_id = ${accountId} and charge_id = ${chargeId} and status in ('succeeded', 'late')`);
  return rows[0] ?? null;
}

export async function insertRefund(tx: Tx, refund: PendingRefund): Promise<void> {
  const { facts } = refund;
  await tx.query(sql`
    insert into refunds (
      account_id, refund_id, intent_id, charge_id, currency, amount, reason, status, look_up_at, created_at)
    values (
      ${facts.accountId}, ${facts.refundId}, ${facts.intentId}, ${facts.chargeId}, ${facts.currency}, ${facts.amount},
      ${facts.reason}, 'pending', ${ts(refund.lookUpAt)}, ${ts(facts.createdAt)})`);
}

export async function findRefund(
  db: Queryable,
  accountId: AccountId,
  refundId: RefundId,
): Promise<Refund | null> {
  const rows = await db.query<RefundRow>(sql`
    select ${columns} from refunds where account_id = ${accountId} and refund_id = ${refundId}`);
  return rows[0] ? toRefund(rows[0]) : null;
}

/** Takes one arrow, or moves the next look-up; false: somebody was first. */
export async function compareAndSetRefund(tx: Tx, before: PendingRefund, after: Refund): Promise<boolean> {
  const rows = await tx.query(sql`
    update refunds
       set status = ${after.status},
           processor_ref = ${after.status === "failed" ? null : after.processorRef},
           failure = ${after.status === "failed" ? after.failure : null},
           look_up_at = ${after.status === "pending" ? ts(after.lookUpAt) : null},
           look_ups = ${after.status === "pending" ? after.lookUps : 0},
           lease_until = null,
           settled_at = ${after.status === "pending" ? null : ts(after.settledAt)}
     where account_id = ${before.facts.accountId} and refund_id = ${before.facts.refundId} and status = 'pending'
    returning refund_id`);
  return rows.length === 1;
}

export type DueRefund = {
  readonly accountId: AccountId;
  readonly refundId: RefundId;
  readonly dueAt: Instant;
};

/** Refunds to be asked for, or asked after. */
export function dueRefunds(db: Queryable, look: Look): Promise<DueRefund[]> {
  return db.query<DueRefund>(sql`
    select account_id as "accountId", refund_id as "refundId", look_up_at as "dueAt" from refunds
     where look_up_at <= ${ts(look.at)} ${notLeased(look)} ${whose(look)}
     order by look_up_at limit ${look.most}`);
}

/** One worker takes the asking; null: another has it, or it is not due any more. */
export async function leaseRefund(
  db: Queryable,
  due: DueRefund,
  lease: { wall: Instant; until: Instant },
): Promise<Refund | null> {
  const rows = await db.query<RefundRow>(sql`
    update refunds set lease_until = ${ts(lease.until)}
     where account_id = ${due.accountId} and refund_id = ${due.refundId} and look_up_at = ${ts(due.dueAt)}
       and (lease_until is null or lease_until < ${ts(lease.wall)})
    returning ${columns}`);
  return rows[0] ? toRefund(rows[0]) : null;
}
