/** One account's clients, as its own clients see and manage them. All times are wall time. */
import type { Instant } from "../base/instant.ts";
import type { Permission } from "../domain/account.ts";
import type { AccountId, ClientId } from "../domain/ids.ts";
import { type Queryable, type Tx, ts } from "./database.ts";
import { onPage, type Page } from "./page.ts";
import { sql } from "./sql.ts";

export type ManagedClient = {
  readonly clientId: ClientId;
  readonly name: string;
  readonly permissions: readonly Permission[];
  /** To the minute; null: never. */
  readonly lastUsedAt: Instant | null;
  /** Until when the secret before the last rotation opens too. */
  readonly previousSecretUntil: Instant | null;
  readonly createdAt: Instant;
  readonly revokedAt: Instant | null;
};

const columns = sql`
  client_id as "clientId", name, permissions, last_used_at as "lastUsedAt",
  previous_secret_until as "previousSecretUntil", created_at as "createdAt", revoked_at as "revokedAt"`;

export async function findClientOf(
  db: Queryable,
  accountId: AccountId,
  clientId: ClientId,
): Promise<ManagedClient | null> {
  const rows = await db.query<ManagedClient>(sql`
    select ${columns} from clients where account_id = ${accountId} and client_id = ${clientId}`);
  return rows[0] ?? null;
}

/** Newest first, revoked ones too. */
export function listClientsOf(
  db: Queryable,
  accountId: AccountId,
  page: Page<ClientId>,
): Promise<ManagedClient[]> {
  return db.query<ManagedClient>(sql`
    select ${columns} from clients
     where account_id = ${accountId} ${onPage(page, sql`created_at`, sql`client_id`)}`);
}

/** Without those that are revoked. */
export async function countClientsOf(db: Queryable, accountId: AccountId): Promise<number> {
  const rows = await db.query<{ count: bigint }>(sql`
    select count(*) as count from clients where account_id = ${accountId} and revoked_at is null`);
  return Number(rows[0]?.count ?? 0n);
}

/** Null where there is no such client; revoking twice changes nothing. */
export async function revokeClientOf(
  tx: Tx,
  accountId: AccountId,
  clientId: ClientId,
  at: Instant,
): Promise<ManagedClient | null> {
  const rows = await tx.query<ManagedClient>(sql`
    update clients set revoked_at = coalesce(revoked_at, ${ts(at)})
     where account_id = ${accountId} and client_id = ${clientId}
    returning ${columns}`);
  return rows[0] ?? null;
}

/** The secret until now opens too until `until`. Null where it was revoked meanwhile. */
export async function rotateClientSecret(
  tx: Tx,
  accountId: AccountId,
  clientId: ClientId,
  to: { secretSha256: Buffer; until: Instant },
): Promise<ManagedClient | null> {
  const rows = await tx.query<ManagedClient>(sql`
    update clients
       set previous_secret_sha256 = secret_sha256, previous_secret_until = ${ts(to.until)},
           secret_sha256 = ${to.secretSha256}
     where account_id = ${accountId} and client_id = ${clientId} and revoked_at is null
    returning ${columns}`);
  return rows[0] ?? null;
}

/** Notes a use, unless one not older than `notSince` is noted already. */
export async function recordClientUse(
  db: Queryable,
  accountId: AccountId,
  clientId: ClientId,
  use: { at: Instant; notSince: Instant },
): Promise<void> {
  await db.query(sql`
    update clients set last_used_at = ${ts(use.at)}
     where account_id = ${accountId} and client_id = ${clientId}
       and (last_used_at is null or last_used_at < ${ts(use.notSince)})`);
}
