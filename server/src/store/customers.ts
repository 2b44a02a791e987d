/** Customers: one per customer_ref_id where the merchant gave one, else one per e-mail address (contract section 6). */
import type { Instant } from "../base/instant.ts";
import type { AccountId, CustomerId } from "../domain/ids.ts";
import { type Queryable, type Tx, ts } from "./database.ts";
import { onPage, type Page } from "./page.ts";
import { sql } from "./sql.ts";

export type Customer = {
  readonly customerId: CustomerId;
  readonly customerRefId: string | null;
  readonly email: string;
  readonly name: string;
  readonly createdAt: Instant;
};

const columns = sql`
  customer_id as "customerId", customer_ref_id as "customerRefId", email, name, created_at as "createdAt"`;

export async function findCustomer(
  db: Queryable,
  accountId: AccountId,
  customerId: CustomerId,
): Promise<Customer | null> {
  const rows = await db.query<Customer>(sql`
    select ${columns} from customers where account_id = ${accountId} and customer_id = ${customerId}`);
  return rows[0] ?? null;
}

export async function findCustomerByIdentity(
  db: Queryable,
  accountId: AccountId,
  identity: string,
): Promise<Customer | null> {
  const rows = await db.query<Customer>(sql`
    select ${columns} from customers where account_id = ${accountId} and identity = ${identity}`);
  return rows[0] ?? null;
}

/** Newest first. */
export function listCustomers(
  db: Queryable,
  accountId: AccountId,
  page: Page<CustomerId>,
): Promise<Customer[]> {
  return db.query<Customer>(sql`
    select ${columns} from customers
     where account_id = ${accountId} ${onPage(page, sql`created_at`, sql`customer_id`)}`);
}

export type CustomerSeen = {
  readonly customerId: CustomerId;
  readonly identity: string;
  readonly customerRefId: string | null;
  readonly email: string;
  readonly name: string;
};

/**
 * Makes sure of each customer and gives back the id by identity; a known one takes the newest e-mail and name.
 * Identities in a batch are distinct; sorted, so that two batches cannot deadlock.
 */
export async function upsertCustomers(
  tx: Tx,
  accountId: AccountId,
  seen: readonly CustomerSeen[],
  now: Instant,
): Promise<Map<string, CustomerId>> {
  const sorted = seen.toSorted((a, b) => (a.identity < b.identity ? -1 : 1));
  const rows = await tx.query<{ customer_id: CustomerId; identity: string }>(sql`
    insert into customers as c (account_id, customer_id, identity, customer_ref_id, email, name, created_at)
    select ${accountId}::uuid, seen.id, seen.identity, seen.ref, seen.email, seen.name, ${ts(now)}::timestamptz
      from unnest(${sorted.map((c) => c.customerId)}::uuid[], ${sorted.map((c) => c.identity)}::text[],
                  ${sorted.map((c) => c.customerRefId)}::text[], ${sorted.map((c) => c.email)}::text[],
                  ${sorted.map((c) => c.name)}::text[]) as seen (id, identity, ref, email, name)
    on conflict (account_id, identity) do update set email = excluded.email, name = excluded.name
    returning c.customer_id, c.identity`);
  return new Map(rows.map((row) => [row.identity, row.customer_id]));
}
