/** Events, and their fan-out: one delivery per endpoint that wants them, written in the transaction of the change. */
import type { EventType, NewEvent } from "../domain/event.ts";
import type { AccountId, EventId, IntentId } from "../domain/ids.ts";
import { type Queryable, type Tx, ts } from "./database.ts";
import { onPage, type Page } from "./page.ts";
import { empty, sql } from "./sql.ts";

const columns = sql`
  event_id as "eventId", intent_id as "intentId", type, subscription_id as "subscriptionId", charge_id as "chargeId", body,
  created_at as "createdAt"`;

export async function findEvent(
  db: Queryable,
  accountId: AccountId,
  eventId: EventId,
): Promise<NewEvent | null> {
  const rows = await db.query<NewEvent>(sql`
    select ${columns} from events where account_id = ${accountId} and event_id = ${eventId}`);
  return rows[0] ?? null;
}

/** Newest first. */
export function listEvents(
  db: Queryable,
  accountId: AccountId,
  { type, intentId, page }: { type: EventType | null; intentId: IntentId | null; page: Page<EventId> },
): Promise<NewEvent[]> {
  return db.query<NewEvent>(sql`
    select ${columns} from events
     where account_id = ${accountId}
       ${type === null ? empty : sql`and type = ${type}`}
       ${intentId === null ? empty : sql`and intent_id = ${intentId}`}
       ${onPage(page, sql`created_at`, sql`event_id`)}`);
}

/**
 * Writes one intent's events in their order, after those it has, and a delivery for each endpoint that is enabled and
 * wants the type. Two changes of one intent (two refunds, a refund and a renewal) share no other row, so its own is locked
 * first: last in the order of locks, and in a statement before, which the numbering then sees the outcome of.
 */
export async function insertEvents(
  tx: Tx,
  accountId: AccountId,
  intentId: IntentId,
  events: readonly NewEvent[],
): Promise<void> {
  if (events.length === 0) return;
  await tx.query(sql`
    select 1 from intents where account_id = ${accountId} and intent_id = ${intentId} for no key update`);
  await tx.query(sql`
    with written as (
      insert into events (account_id, event_id, intent_id, seq, type, subscription_id, charge_id, body, created_at)
      select ${accountId}::uuid, n.event_id, ${intentId}::uuid, last.seq + n.place, n.type, n.subscription_id, n.charge_id,
             n.body, n.created_at
        from unnest(${events.map((e) => e.eventId)}::uuid[], ${events.map((e) => e.type)}::text[],
                    ${events.map((e) => e.subscriptionId)}::uuid[], ${events.map((e) => e.chargeId)}::bigint[],
                    ${events.map((e) => e.body)}::text[], ${events.map((e) => ts(e.createdAt))}::timestamptz[])
             with ordinality as n (event_id, type, subscription_id, charge_id, body, created_at, place),
             (select coalesce(max(seq), 0) as seq from events
               where account_id = ${accountId} and intent_id = ${intentId}) last
      returning event_id, seq, type, created_at
    )
    insert into deliveries (account_id, event_id, endpoint_id, intent_id, seq, status, due_at, created_at)
    select ${accountId}::uuid, w.event_id, e.endpoint_id, ${intentId}::uuid, w.seq, 'pending', w.created_at, w.created_at
      from written w
      join webhook_endpoints e on e.account_id = ${accountId} and e.enabled
       and (e.events is null or w.type = any(e.events))`);
}
