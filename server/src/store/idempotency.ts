/** Idempotency keys: claimed in the transaction of the effect's first row (contract section 2). Times are wall time. */
import type { Instant } from "../base/instant.ts";
import type { AccountId } from "../domain/ids.ts";
import { type Queryable, type Tx, ts } from "./database.ts";
import { sql } from "./sql.ts";

export type KeyClaim = {
  readonly key: string;
  readonly fingerprint: Buffer;
  readonly answer: string | null;
  readonly resume: string | null;
};

/** What is known of a key that was claimed: an answer that carries a secret is kept encrypted, in `sealedAnswer`. */
export type KnownKey = KeyClaim & { readonly sealedAnswer: Buffer | null };

/**
 * Writes the keys that are free or older than `forgottenBefore`, and gives back which. One that another transaction is
 * just writing is waited for, as long as for any lock (then LockTimeout). Keys in a batch are distinct; sorted, so that two batches cannot deadlock.
 */
export async function claimKeys(
  tx: Tx,
  accountId: AccountId,
  claims: readonly KeyClaim[],
  time: { now: Instant; forgottenBefore: Instant },
): Promise<Set<string>> {
  const sorted = claims.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const rows = await tx.query<{ key: string }>(sql`
    insert into idempotency_keys as k (account_id, key, fingerprint, answer, resume, created_at)
    select ${accountId}::uuid, claim.key, claim.fingerprint, claim.answer, claim.resume, ${ts(time.now)}::timestamptz
      from unnest(${sorted.map((c) => c.key)}::text[], ${sorted.map((c) => c.fingerprint)}::bytea[],
                  ${sorted.map((c) => c.answer)}::text[], ${sorted.map((c) => c.resume)}::text[])
           as claim (key, fingerprint, answer, resume)
    on conflict (account_id, key) do update
       set fingerprint = excluded.fingerprint, answer = excluded.answer, sealed_answer = null, resume = excluded.resume,
           created_at = excluded.created_at
     where k.created_at < ${ts(time.forgottenBefore)}
    returning k.key`);
  return new Set(rows.map((row) => row.key));
}

export async function findKeys(
  db: Queryable,
  accountId: AccountId,
  keys: readonly string[],
  forgottenBefore: Instant,
): Promise<Map<string, KnownKey>> {
  const rows = await db.query<KnownKey>(sql`
    select key, fingerprint, answer, sealed_answer as "sealedAnswer", resume from idempotency_keys
     where account_id = ${accountId} and key = any(${keys}::text[]) and created_at >= ${ts(forgottenBefore)}`);
  return new Map(rows.map((row) => [row.key, row]));
}

export async function answerKey(
  db: Queryable,
  accountId: AccountId,
  key: string,
  answer: string,
): Promise<void> {
  await db.query(sql`
    update idempotency_keys set answer = ${answer} where account_id = ${accountId} and key = ${key} and answer is null`);
}

/** Keeps an answer that carries a secret. */
export async function sealKey(
  tx: Tx,
  accountId: AccountId,
  key: string,
  sealedAnswer: Buffer,
): Promise<void> {
  await tx.query(sql`
    update idempotency_keys set sealed_answer = ${sealedAnswer}
     where account_id = ${accountId} and key = ${key} and answer is null`);
}

/**
 * For the rest of the transaction, a lock that another holds is waited for `ms` at the most (then LockTimeout): for a request
 * that has waited elsewhere already. The connection's own limit is the whole wait.
 */
export async function waitAtMost(tx: Tx, ms: number): Promise<void> {
  await tx.query(sql`select set_config('lock_timeout', ${`${ms}ms`}, true)`);
}

/** A refused request had no effect, so its key is free again. */
export async function dropKeys(tx: Tx, accountId: AccountId, keys: readonly string[]): Promise<void> {
  await tx.query(
    sql`delete from idempotency_keys where account_id = ${accountId} and key = any(${keys}::text[])`,
  );
}

export async function sweepKeys(db: Queryable, forgottenBefore: Instant, most: number): Promise<number> {
  const rows = await db.query(sql`
    -- all accounts: keys are forgotten after a day of wall time, whoever's they are
    delete from idempotency_keys k
     using (select account_id, key from idempotency_keys where created_at < ${ts(forgottenBefore)}
             order by created_at limit ${most}) old
     where k.account_id = old.account_id and k.key = old.key and k.created_at < ${ts(forgottenBefore)}
    returning 1`);
  return rows.length;
}
