/** How the six queues (flows/due.ts) are looked through: rows carry their own due time, so what is due is a plain select. */

import type { Instant } from "../base/instant.ts";
import type { AccountId } from "../domain/ids.ts";
import { type Queryable, ts } from "./database.ts";
import { type Sql, sql } from "./sql.ts";

export type Look = {
  /** Due at this time or before. */
  readonly at: Instant;
  /** Rows leased beyond this wall time are left out. */
  readonly wall: Instant;
  /** Of this account alone, or of all but some. */
  readonly of: { readonly accountId: AccountId } | { readonly allBut: readonly AccountId[] };
  readonly most: number;
};

const ALL_ACCOUNTS = sql`/* all accounts: one look by wall time serves them */`;

/** The part of the `where` that says whose rows. */
export function whose(look: Look, column: Sql = sql`account_id`): Sql {
  if ("accountId" in look.of) return sql`and ${column} = ${look.of.accountId}`;
  if (look.of.allBut.length === 0) return ALL_ACCOUNTS;
  return sql`${ALL_ACCOUNTS} and not ${column} = any(${look.of.allBut}::uuid[])`;
}

export function notLeased(look: Look, column: Sql = sql`lease_until`): Sql {
  return sql`and (${column} is null or ${column} < ${ts(look.wall)})`;
}

/**
 * Ends every lease, also on clocks, so that what a killed process was at is taken up at once and not when its leases run
 * out. Only where no other process can hold one.
 */
export async function endAllLeases(db: Queryable, wall: Instant): Promise<void> {
  await db.query(sql`
    update deliveries set lease_until = null where lease_until is not null -- all accounts: at start, on the embedded database`);
  await db.query(sql`
    update charges set lease_until = null where lease_until is not null -- all accounts: at start, on the embedded database`);
  await db.query(sql`
    update refunds set lease_until = null where lease_until is not null -- all accounts: at start, on the embedded database`);
  await db.query(sql`
    update accounts set clock_lease_until = ${ts(wall)} where clock_lease_until > ${ts(wall)} -- all accounts: at start`);
}
