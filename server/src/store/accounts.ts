/** Accounts, the clients that act on them, and the accounts' clocks. */

import type { Instant } from "../base/instant.ts";
import type { Account, AccountClock, Client, Mode, Permission } from "../domain/account.ts";
import type { AccountId, ClientId, MerchantId } from "../domain/ids.ts";
import { type Queryable, type Tx, ts } from "./database.ts";
import { sql } from "./sql.ts";

type AccountRow = {
  account_id: AccountId;
  merchant_id: MerchantId;
  mode: Mode;
  account_name: string;
  clock_offset_us: bigint;
  clock_frozen_at: Instant | null;
};

const accountColumns = sql`a.account_id, a.merchant_id, a.mode, a.name as account_name, a.clock_offset_us, a.clock_frozen_at`;

function clockOf(row: { clock_offset_us: bigint; clock_frozen_at: Instant | null }): AccountClock {
  return row.clock_frozen_at === null
    ? { state: "running", offsetMicros: row.clock_offset_us }
    : { state: "frozen", at: row.clock_frozen_at };
}

function toAccount(row: AccountRow): Account {
  return {
    accountId: row.account_id,
    merchantId: row.merchant_id,
    mode: row.mode,
    name: row.account_name,
    clock: clockOf(row),
  };
}

export async function findAccount(db: Queryable, accountId: AccountId): Promise<Account | null> {
  const rows = await db.query<AccountRow>(sql`
    select ${accountColumns} from accounts a where a.account_id = ${accountId}`);
  return rows[0] ? toAccount(rows[0]) : null;
}

/** Until the transaction's end: what is counted before it is added to is counted by one at a time. */
export async function lockAccount(tx: Tx, accountId: AccountId): Promise<void> {
  await tx.query(sql`select 1 from accounts where account_id = ${accountId} for no key update`);
}

export async function findAccounts(db: Queryable, accountIds: readonly AccountId[]): Promise<Account[]> {
  const rows = await db.query<AccountRow>(sql`
    select ${accountColumns} from accounts a where a.account_id = any(${accountIds}::uuid[])`);
  return rows.map(toAccount);
}

/** Accounts whose time is not wall time: each is looked through by its own clock. Frozen ones are an advance's. */
export async function accountsWithMovedClock(db: Queryable): Promise<Account[]> {
  const rows = await db.query<AccountRow>(sql`
    select ${accountColumns} from accounts a where a.clock_offset_us > 0 or a.clock_frozen_at is not null`);
  return rows.map(toAccount);
}

export async function insertAccount(
  db: Queryable,
  account: { accountId: AccountId; merchantId: MerchantId; mode: Mode; name: string; createdAt: Instant },
): Promise<void> {
  await db.query(sql`
    insert into accounts (account_id, merchant_id, mode, name, created_at)
    values (${account.accountId}, ${account.merchantId}, ${account.mode}, ${account.name}, ${ts(account.createdAt)})`);
}

export async function accountOfMerchantNamed(
  db: Queryable,
  name: string,
  mode: Mode,
): Promise<Account | null> {
  const rows = await db.query<AccountRow>(sql`
    select ${accountColumns} from accounts a where a.name = ${name} and a.mode = ${mode}
     order by a.created_at, a.account_id limit 1`);
  return rows[0] ? toAccount(rows[0]) : null;
}

/** The oldest account of a mode: the one that the environment's client was made for at the first start. */
export async function merchantNamed(db: Queryable, name: string): Promise<MerchantId | null> {
  const rows = await db.query<{ merchant_id: MerchantId }>(sql`
    select merchant_id from accounts where name = ${name} order by created_at, account_id limit 1`);
  return rows[0]?.merchant_id ?? null;
}

// clients

type ClientRow = AccountRow & {
  client_id: ClientId;
  secret_sha256: Buffer;
  previous_secret_sha256: Buffer | null;
  previous_secret_until: Instant | null;
  last_used_at: Instant | null;
  permissions: Permission[];
  revoked_at: Instant | null;
};

/** All clients named, revoked ones too; one statement for many requests that arrive together. */
export async function findClients(db: Queryable, clientIds: readonly string[]): Promise<Map<string, Client>> {
  const rows = await db.query<ClientRow>(sql`
    select c.client_id, c.secret_sha256, c.previous_secret_sha256, c.previous_secret_until, c.last_used_at,
           c.permissions, c.revoked_at, ${accountColumns}
      from clients c join accounts a on a.account_id = c.account_id
     where c.client_id = any(${clientIds}::text[])`);
  return new Map(
    rows.map((row) => [
      row.client_id,
      {
        clientId: row.client_id,
        secretSha256: row.secret_sha256,
        previousSecret:
          row.previous_secret_sha256 && row.previous_secret_until
            ? { sha256: row.previous_secret_sha256, until: row.previous_secret_until }
            : null,
        lastUsedAt: row.last_used_at,
        permissions: row.permissions,
        revoked: row.revoked_at !== null,
        account: toAccount(row),
      },
    ]),
  );
}

export type NewClient = {
  readonly clientId: ClientId;
  readonly accountId: AccountId;
  readonly secretSha256: Buffer;
  readonly permissions: readonly Permission[];
  readonly name: string;
  readonly createdAt: Instant;
};

/** False where the id is taken. */
export async function insertClient(db: Queryable, client: NewClient): Promise<boolean> {
  const rows = await db.query(sql`
    insert into clients (client_id, account_id, secret_sha256, permissions, name, created_at)
    values (${client.clientId}, ${client.accountId}, ${client.secretSha256}, ${client.permissions}::text[],
            ${client.name}, ${ts(client.createdAt)})
    on conflict (client_id) do nothing
    returning client_id`);
  return rows.length === 1;
}

/** Gives an existing client the secret (no other opens) and permissions of the environment, and un-revokes it unless it `staysRevoked`. */
export async function renewClient(
  db: Queryable,
  client: {
    clientId: ClientId;
    secretSha256: Buffer;
    permissions: readonly Permission[];
    staysRevoked?: boolean;
  },
): Promise<void> {
  await db.query(sql`
    update clients
       set secret_sha256 = ${client.secretSha256}, permissions = ${client.permissions}::text[],
           revoked_at = case when ${client.staysRevoked ?? false}::boolean then revoked_at end,
           previous_secret_sha256 = null, previous_secret_until = null
     where client_id = ${client.clientId}`);
}

export type ListedClient = {
  readonly client_id: string;
  readonly name: string;
  readonly account: string;
  readonly mode: Mode;
  readonly permissions: readonly Permission[];
  readonly created_at: Instant;
  readonly revoked_at: Instant | null;
};

export function listClients(db: Queryable): Promise<ListedClient[]> {
  return db.query<ListedClient>(sql`
    select c.client_id, c.name, a.name as account, a.mode, c.permissions, c.created_at, c.revoked_at
      from clients c join accounts a on a.account_id = c.account_id
     order by c.created_at, c.client_id`);
}

/** False where there is no such client; revoking twice is fine. */
export async function revokeClient(db: Queryable, clientId: string, at: Instant): Promise<boolean> {
  const rows = await db.query(sql`
    update clients set revoked_at = coalesce(revoked_at, ${ts(at)}) where client_id = ${clientId} returning client_id`);
  return rows.length === 1;
}

// clocks

/**
 * One advance takes the account, or takes it over from one whose lease has ended. False: another has it, or has moved the
 * clock since it was `seen`: then `frozenAt`, which follows from it, would be a step back.
 */
export async function leaseClock(
  db: Queryable,
  accountId: AccountId,
  lease: { seen: AccountClock; frozenAt: Instant; wall: Instant; until: Instant },
): Promise<boolean> {
  const { seen } = lease;
  const standsAt = seen.state === "frozen" ? seen.at : null;
  const rows = await db.query(sql`
    update accounts set clock_frozen_at = ${ts(lease.frozenAt)}, clock_lease_until = ${ts(lease.until)}
     where account_id = ${accountId} and mode = 'test'
       and (clock_lease_until is null or clock_lease_until < ${ts(lease.wall)})
       and clock_frozen_at is not distinct from ${ts(standsAt)}::timestamptz
       and (clock_frozen_at is not null or clock_offset_us = ${seen.state === "running" ? seen.offsetMicros : null})
    returning account_id`);
  return rows.length === 1;
}

/** The account's time goes to `to`; compare-and-set on the lease that the caller holds. False: the lease was lost. */
export async function stepClock(
  db: Queryable,
  accountId: AccountId,
  step: { held: Instant; to: Instant; until: Instant },
): Promise<boolean> {
  const rows = await db.query(sql`
    update accounts set clock_frozen_at = greatest(clock_frozen_at, ${ts(step.to)}), clock_lease_until = ${ts(step.until)}
     where account_id = ${accountId} and clock_lease_until = ${ts(step.held)}
    returning account_id`);
  return rows.length === 1;
}

/** The clock runs again, from where it stands; the offset never shrinks below zero. */
export async function releaseClock(
  db: Queryable,
  accountId: AccountId,
  held: Instant,
  wall: Instant,
): Promise<boolean> {
  const rows = await db.query(sql`
    update accounts
       set clock_offset_us = greatest(0, round(extract(epoch from clock_frozen_at - ${ts(wall)}::timestamptz) * 1000000)::bigint),
           clock_frozen_at = null, clock_lease_until = null
     where account_id = ${accountId} and clock_lease_until = ${ts(held)}
    returning account_id`);
  return rows.length === 1;
}

/** Clocks that a broken-off advance left standing run again from where they stood. */
export async function releaseAbandonedClocks(db: Queryable, wall: Instant): Promise<AccountId[]> {
  const rows = await db.query<{ account_id: AccountId }>(sql`
    update accounts
       set clock_offset_us = greatest(0, round(extract(epoch from clock_frozen_at - ${ts(wall)}::timestamptz) * 1000000)::bigint),
           clock_frozen_at = null, clock_lease_until = null
     where clock_lease_until < ${ts(wall)}
    returning account_id`);
  return rows.map((row) => row.account_id);
}
