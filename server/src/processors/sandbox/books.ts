/**
 * The sandbox's books: every statement it makes, on tables of its own (migrations/0002_sandbox.sql). It is a separate
 * party, so it imports nothing of the platform's store and runs its own transactions on whatever database it is handed.
 */
import type { DeclineReason } from "@mintro/contract/checkout";
import sql, { type Sql } from "sql-template-tag";
import { assert } from "../../base/assert.ts";
import { formatInstant, type Instant } from "../../base/instant.ts";
import type { AccountId, AttemptKey } from "../../domain/ids.ts";
import type { Behaviour } from "./cards.ts";

export type Queryable = { query<Row>(statement: Sql): Promise<Row[]> };
/** The platform's `Db` is one. */
export type BooksDb = Queryable & { transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> };

export type Method = {
  readonly accountId: AccountId;
  readonly token: string;
  readonly behaviour: Behaviour;
  readonly brand: string;
  readonly last4: string;
  readonly expMonth: number;
  readonly expYear: number;
};

/**
 *   challenge_open → challenge_passed → succeeded | declined      the customer authenticates, the platform completes
 *   challenge_open → declined                                     the customer fails
 *   challenge_open | challenge_passed → voided                    the platform gives up
 *
 * A payment without a challenge begins where it ends. The money has moved if, and only if, the state is `succeeded`.
 */
export type PaymentState =
  | { readonly status: "challenge_open" | "challenge_passed" | "voided"; readonly returnUrl: string }
  | { readonly status: "succeeded" }
  | { readonly status: "declined"; readonly reason: DeclineReason };

export type Payment = {
  readonly accountId: AccountId;
  readonly attemptKey: AttemptKey;
  readonly paymentRef: string;
  readonly token: string;
  readonly offSession: boolean;
  readonly currency: string;
  readonly amount: bigint;
  readonly description: string;
  readonly state: PaymentState;
};

type PaymentRow = {
  account_id: AccountId;
  idempotency_key: AttemptKey;
  payment_ref: string;
  token: string;
  off_session: boolean;
  currency: string;
  amount: bigint;
  description: string;
  status: PaymentState["status"];
  decline_reason: DeclineReason | null;
  return_url: string | null;
};

const columns = sql`
  account_id, idempotency_key, payment_ref, token, off_session, currency, amount, description, status, decline_reason,
  return_url`;

function toPayment(row: PaymentRow): Payment {
  return {
    accountId: row.account_id,
    attemptKey: row.idempotency_key,
    paymentRef: row.payment_ref,
    token: row.token,
    offSession: row.off_session,
    currency: row.currency,
    amount: row.amount,
    description: row.description,
    state: toState(row),
  };
}

function toState({ status, decline_reason: reason, return_url: returnUrl }: PaymentRow): PaymentState {
  switch (status) {
    case "succeeded":
      return { status };
    case "declined":
      assert(reason !== null, "a declined payment has its reason");
      return { status, reason };
    case "challenge_open":
    case "challenge_passed":
    case "voided":
      assert(returnUrl !== null, "a challenge knows the way back");
      return { status, returnUrl };
  }
}

export async function insertMethod(db: Queryable, method: Method, at: Instant): Promise<void> {
  await db.query(sql`
    insert into sandbox.methods (account_id, token, behaviour, brand, last4, exp_month, exp_year, created_at)
    values (
      ${method.accountId}, ${method.token}, ${method.behaviour}, ${method.brand}, ${method.last4}, ${method.expMonth},
      ${method.expYear}, ${formatInstant(at)})`);
}

export type LockedMethod = {
  readonly accountId: AccountId;
  readonly token: string;
  readonly behaviour: Behaviour;
  readonly successes: number;
};

/** Money moves on a saved card only under this lock, so that no two payments find the same number of successes. */
export async function lockMethod(
  tx: Queryable,
  accountId: AccountId,
  token: string,
): Promise<LockedMethod | null> {
  const rows = await tx.query<{ behaviour: Behaviour; successes: number }>(sql`
    select behaviour, successes from sandbox.methods
     where account_id = ${accountId} and token = ${token} for no key update`);
  return rows[0] ? { accountId, token, ...rows[0] } : null;
}

export async function countSuccess(tx: Queryable, method: LockedMethod): Promise<void> {
  const rows = await tx.query(sql`
    update sandbox.methods set successes = successes + 1
     where account_id = ${method.accountId} and token = ${method.token} and successes = ${method.successes}
    returning successes`);
  assert(rows.length === 1, "successes are counted under the method's lock");
}

export async function findPayment(
  db: Queryable,
  accountId: AccountId,
  attemptKey: AttemptKey,
): Promise<Payment | null> {
  const rows = await db.query<PaymentRow>(sql`
    select ${columns} from sandbox.payments where account_id = ${accountId} and idempotency_key = ${attemptKey}`);
  return rows[0] ? toPayment(rows[0]) : null;
}

/** False: the key was used for another payment at the same moment. */
export async function insertPayment(tx: Queryable, payment: Payment, at: Instant): Promise<boolean> {
  const { state } = payment;
  const rows = await tx.query(sql`
    insert into sandbox.payments (${columns}, created_at, updated_at)
    values (
      ${payment.accountId}, ${payment.attemptKey}, ${payment.paymentRef}, ${payment.token}, ${payment.offSession},
      ${payment.currency}, ${payment.amount}, ${payment.description}, ${state.status},
      ${"reason" in state ? state.reason : null}, ${"returnUrl" in state ? state.returnUrl : null}, ${formatInstant(at)},
      ${formatInstant(at)})
    on conflict (account_id, idempotency_key) do nothing
    returning payment_ref`);
  return rows.length === 1;
}

/** Takes one arrow from any of `from`; false: somebody was first. */
export async function moveOn(
  db: Queryable,
  payment: Payment,
  from: readonly PaymentState["status"][],
  to: { readonly status: PaymentState["status"]; readonly reason?: DeclineReason },
  at: Instant,
): Promise<boolean> {
  const rows = await db.query(sql`
    update sandbox.payments
       set status = ${to.status}, decline_reason = ${to.reason ?? null}, updated_at = ${formatInstant(at)}
     where account_id = ${payment.accountId} and idempotency_key = ${payment.attemptKey} and status = any(${from}::text[])
    returning payment_ref`);
  return rows.length === 1;
}

export type Challenge = { readonly payment: Payment; readonly returnUrl: string; readonly last4: string };

/** A payment that met a challenge, by its reference, whatever became of it; null: none, or it met no challenge. */
export async function findChallenge(
  db: Queryable,
  accountId: AccountId,
  paymentRef: string,
): Promise<Challenge | null> {
  const rows = await db.query<PaymentRow & { return_url: string; last4: string }>(sql`
    select ${columns}, last4
      from sandbox.payments join sandbox.methods using (account_id, token)
     where account_id = ${accountId} and payment_ref = ${paymentRef} and return_url is not null`);
  const row = rows[0];
  return row ? { payment: toPayment(row), returnUrl: row.return_url, last4: row.last4 } : null;
}

export type RefundState =
  | { readonly status: "succeeded" }
  | { readonly status: "failed"; readonly failure: RefundFailure };
export type RefundFailure =
  | "payment_not_succeeded"
  | "other_currency"
  | "more_than_is_left"
  | "refused_as_rehearsed";

export type Refund = {
  readonly accountId: AccountId;
  readonly refundKey: string;
  readonly attemptKey: AttemptKey;
  readonly refundRef: string;
  readonly currency: string;
  readonly amount: bigint;
  readonly state: RefundState;
};

type RefundRow = {
  account_id: AccountId;
  refund_key: string;
  idempotency_key: AttemptKey;
  refund_ref: string;
  currency: string;
  amount: bigint;
  status: RefundState["status"];
  failure: RefundFailure | null;
};

const refundColumns = sql`account_id, refund_key, idempotency_key, refund_ref, currency, amount, status, failure`;

function toRefund(row: RefundRow): Refund {
  const { status, failure } = row;
  assert((status === "failed") === (failure !== null), "a failed refund, and no other, has its failure");
  return {
    accountId: row.account_id,
    refundKey: row.refund_key,
    attemptKey: row.idempotency_key,
    refundRef: row.refund_ref,
    currency: row.currency,
    amount: row.amount,
    state: failure === null ? { status: "succeeded" } : { status: "failed", failure },
  };
}

export async function findRefund(
  db: Queryable,
  accountId: AccountId,
  refundKey: string,
): Promise<Refund | null> {
  const rows = await db.query<RefundRow>(sql`
    select ${refundColumns} from sandbox.refunds where account_id = ${accountId} and refund_key = ${refundKey}`);
  return rows[0] ? toRefund(rows[0]) : null;
}

export type RefundablePayment = {
  readonly status: PaymentState["status"];
  readonly currency: string;
  readonly amount: bigint;
  readonly refunded: bigint;
};

/** Refunds of one payment wait for each other here, so that together they never exceed it. */
export async function lockRefundable(
  tx: Queryable,
  accountId: AccountId,
  attemptKey: AttemptKey,
): Promise<RefundablePayment | null> {
  const rows = await tx.query<RefundablePayment>(sql`
    select status, currency, amount, refunded from sandbox.payments
     where account_id = ${accountId} and idempotency_key = ${attemptKey} for no key update`);
  return rows[0] ?? null;
}

/** False: the key was used for another payment's refund at the same moment. */
export async function insertRefund(tx: Queryable, refund: Refund, at: Instant): Promise<boolean> {
  const { state } = refund;
  const rows = await tx.query(sql`
    insert into sandbox.refunds (${refundColumns}, created_at)
    values (
      ${refund.accountId}, ${refund.refundKey}, ${refund.attemptKey}, ${refund.refundRef}, ${refund.currency},
      ${refund.amount}, ${state.status}, ${state.status === "failed" ? state.failure : null}, ${formatInstant(at)})
    on conflict (account_id, refund_key) do nothing
    returning refund_ref`);
  return rows.length === 1;
}

export async function addRefunded(tx: Queryable, refund: Refund, at: Instant): Promise<void> {
  const rows = await tx.query(sql`
    update sandbox.payments set refunded = refunded + ${refund.amount}, updated_at = ${formatInstant(at)}
     where account_id = ${refund.accountId} and idempotency_key = ${refund.attemptKey} and status = 'succeeded'
    returning refunded`);
  assert(rows.length === 1, "only a payment that succeeded is refunded");
}
