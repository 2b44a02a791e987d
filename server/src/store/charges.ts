/** Charges: each attempt to move money, written before the processor is asked. */
import { assert } from "../base/assert.ts";
import type { Instant } from "../base/instant.ts";
import { CHARGE_ID_BLOCK } from "../base/limits.ts";
import type {
  ChallengedCharge,
  Charge,
  ChargeFacts,
  FailedCharge,
  FailureReason,
  PendingCharge,
  Returned,
} from "../domain/charge.ts";
import type { AccountId, AttemptKey, ChargeId, IntentId, SubscriptionId } from "../domain/ids.ts";
import type { Currency } from "../domain/money.ts";

import { type Queryable, type Tx, ts } from "./database.ts";
import { type Look, notLeased, whose } from "./due.ts";
import { type MethodColumns, methodColumns, methodOf, methodValues } from "./method.ts";
import { sql } from "./sql.ts";

type ChargeRow = MethodColumns & {
  account_id: AccountId;
  charge_id: ChargeId;
  intent_id: IntentId;
  subscription_id: SubscriptionId | null;
  cycle: number;
  currency: Currency;
  amount: bigint;
  processor: string;
  attempt_key: AttemptKey;
  status: Charge["status"];
  resumed: boolean;
  /** As JSON. */
  returned: string | null;
  processor_ref: string | null;
  challenge_url: string | null;
  failure_reason: FailureReason | null;
  refunded: bigint;
  look_up_at: Instant | null;
  look_ups: number;
  created_at: Instant;
  settled_at: Instant | null;
};

const columns = sql`
  account_id, charge_id, intent_id, subscription_id, cycle, currency, amount, processor, attempt_key, ${methodColumns},
  status, resumed, returned, processor_ref, challenge_url, failure_reason, refunded, look_up_at, look_ups,
  created_at, settled_at`;

function toFacts(row: ChargeRow): ChargeFacts {
  return {
    accountId: row.account_id,
    chargeId: row.charge_id,
    intentId: row.intent_id,
    subscriptionId: row.subscription_id,
    cycle: row.cycle,
    currency: row.currency,
    amount: row.amount,
    processor: row.processor,
    attemptKey: row.attempt_key,
    method: methodOf(row),
    createdAt: row.created_at,
  };
}

function toCharge(row: ChargeRow): Charge {
  const facts = toFacts(row);
  switch (row.status) {
    case "pending":
      assert(row.look_up_at !== null, "a pending charge is asked after");
      return {
        facts,
        status: "pending",
        returned: row.resumed ? returnedOf(row) : null,
        processorRef: row.processor_ref,
        lookUpAt: row.look_up_at,
        lookUps: row.look_ups,
      };
    case "requires_action":
      assert(
        row.look_up_at !== null && row.challenge_url !== null && row.processor_ref !== null,
        "a challenge has its address and its end",
      );
      return {
        facts,
        status: "requires_action",
        processorRef: row.processor_ref,
        challengeUrl: row.challenge_url,
        lookUpAt: row.look_up_at,
      };
    case "succeeded":
      assert(
        row.settled_at !== null && row.processor_ref !== null,
        "a success has its time and its reference",
      );
      return {
        facts,
        status: "succeeded",
        processorRef: row.processor_ref,
        refunded: row.refunded,
        settledAt: row.settled_at,
      };
    case "late":
      assert(
        row.settled_at !== null && row.processor_ref !== null,
        "a late success has its time and its reference",
      );
      return {
        facts,
        status: "late",
        processorRef: row.processor_ref,
        refunded: row.refunded,
        settledAt: row.settled_at,
      };
    case "failed":
      assert(row.settled_at !== null && row.failure_reason !== null, "a failure has its time and its reason");
      return {
        facts,
        status: "failed",
        processorRef: row.processor_ref,
        reason: row.failure_reason,
        settledAt: row.settled_at,
        lookUpAt: row.look_up_at,
        lookUps: row.look_ups,
      };
  }
}

/** What was resumed by an older version says nothing of what the customer brought. */
function returnedOf({ returned }: ChargeRow): Returned {
  return returned === null ? {} : (JSON.parse(returned) as Returned);
}

/** The first id of a block of `CHARGE_ID_BLOCK`, drawn for this process alone. */
export async function drawChargeIds(db: Queryable): Promise<bigint> {
  const rows = await db.query<{ first: bigint }>(sql`
    update charge_id_blocks set next_id = next_id + ${CHARGE_ID_BLOCK} returning next_id - ${CHARGE_ID_BLOCK} as first`);
  assert(rows[0], "the one row of charge_id_blocks exists");
  return rows[0].first;
}

export async function findCharge(
  db: Queryable,
  accountId: AccountId,
  chargeId: ChargeId,
): Promise<Charge | null> {
  const rows = await db.query<ChargeRow>(sql`
    select ${columns} from charges where account_id = ${accountId} and charge_id = ${chargeId}`);
  return rows[0] ? toCharge(rows[0]) : null;
}

/** By our key at the processor, as a notification names it. */
export async function findChargeByAttempt(
  db: Queryable,
  accountId: AccountId,
  attemptKey: AttemptKey,
): Promise<Charge | null> {
  const rows = await db.query<ChargeRow>(sql`
    select ${columns} from charges where account_id = ${accountId} and attempt_key = ${attemptKey}`);
  return rows[0] ? toCharge(rows[0]) : null;
}

/** An intent's charges, newest first; processes draw ids in blocks, so that ids of two are not in the order of time. */
export async function chargesOfIntent(
  db: Queryable,
  accountId: AccountId,
  intentId: IntentId,
  most: number,
): Promise<Charge[]> {
  const rows = await db.query<ChargeRow>(sql`
    select ${columns} from charges where account_id = ${accountId} and intent_id = ${intentId}
     order by created_at desc, charge_id desc limit ${most}`);
  return rows.map(toCharge);
}

/** The newest attempt at an intent's first payment, for the checkout page. */
export async function newestFirstCharge(
  db: Queryable,
  accountId: AccountId,
  intentId: IntentId,
): Promise<Charge | null> {
  const rows = await db.query<ChargeRow>(sql`
    select ${columns} from charges where account_id = ${accountId} and intent_id = ${intentId} and cycle = 0
     order by created_at desc, charge_id desc limit 1`);
  return rows[0] ? toCharge(rows[0]) : null;
}

/** Writes an attempt before it is made. The unique index on (intent, cycle) refuses a second one that could succeed. */
export async function insertCharge(tx: Tx, charge: PendingCharge): Promise<void> {
  const { facts } = charge;
  await tx.query(sql`
    insert into charges (
      account_id, charge_id, intent_id, subscription_id, cycle, currency, amount, processor, attempt_key,
      ${methodColumns}, status, look_up_at, created_at)
    values (
      ${facts.accountId}, ${facts.chargeId}, ${facts.intentId}, ${facts.subscriptionId}, ${facts.cycle}, ${facts.currency},
      ${facts.amount}, ${facts.processor}, ${facts.attemptKey}, ${methodValues(facts.method)}, 'pending', ${ts(charge.lookUpAt)},
      ${ts(facts.createdAt)})`);
}

/** Takes one arrow; false: somebody was first. */
export async function compareAndSetCharge(tx: Tx, before: Charge, after: Charge): Promise<boolean> {
  assert(before.facts.chargeId === after.facts.chargeId, "an arrow stays within one charge");
  const rows = await tx.query(sql`
    update charges
       set status = ${after.status},
           resumed = ${isResumed(after)},
           returned = ${after.status === "pending" && after.returned ? JSON.stringify(after.returned) : null},
           processor_ref = ${after.processorRef},
           challenge_url = ${after.status === "requires_action" ? after.challengeUrl : null},
           failure_reason = ${after.status === "failed" ? after.reason : null},
           look_up_at = ${"lookUpAt" in after ? ts(after.lookUpAt) : null},
           look_ups = ${"lookUps" in after ? after.lookUps : 0},
           lease_until = null,
           settled_at = ${"settledAt" in after ? ts(after.settledAt) : null}
     where account_id = ${before.facts.accountId} and charge_id = ${before.facts.chargeId}
       and status = ${before.status} and resumed = ${isResumed(before)}
    returning charge_id`);
  return rows.length === 1;
}

function isResumed(charge: Charge): boolean {
  return charge.status === "pending" && charge.returned !== null;
}

/** Moves the next look-up of an attempt that is still unknown. */
export async function postponeLookUp(
  db: Queryable,
  charge: PendingCharge | ChallengedCharge | FailedCharge,
  next: { lookUpAt: Instant; lookUps: number; processorRef: string | null },
): Promise<void> {
  await db.query(sql`
    update charges
       set look_up_at = ${ts(next.lookUpAt)}, look_ups = ${next.lookUps}, lease_until = null,
           processor_ref = coalesce(${next.processorRef}, processor_ref)
     where account_id = ${charge.facts.accountId} and charge_id = ${charge.facts.chargeId}
       and status = ${charge.status}`);
}

export type DueCharge = {
  readonly accountId: AccountId;
  readonly chargeId: ChargeId;
  readonly dueAt: Instant;
};

/** Charges to be asked after. */
export function dueCharges(db: Queryable, look: Look): Promise<DueCharge[]> {
  return db.query<DueCharge>(sql`
    select account_id as "accountId", charge_id as "chargeId", look_up_at as "dueAt" from charges
     where look_up_at <= ${ts(look.at)} ${notLeased(look)} ${whose(look)}
     order by look_up_at limit ${look.most}`);
}

/** One worker takes the asking; null: another has it, or it is not due any more. */
export async function leaseCharge(
  db: Queryable,
  due: DueCharge,
  lease: { wall: Instant; until: Instant },
): Promise<Charge | null> {
  const rows = await db.query<ChargeRow>(sql`
    update charges set lease_until = ${ts(lease.until)}
     where account_id = ${due.accountId} and charge_id = ${due.chargeId} and look_up_at = ${ts(due.dueAt)}
       and (lease_until is null or lease_until < ${ts(lease.wall)})
    returning ${columns}`);
  return rows[0] ? toCharge(rows[0]) : null;
}
