/** Deliveries seen from their event: what became of each, sent again, or given up with its endpoint. */
import type { Instant } from "../base/instant.ts";
import type { AccountId, EndpointId, EventId } from "../domain/ids.ts";
import type { Delivery, TryRecord } from "../domain/webhook.ts";
import { type Queryable, type Tx, ts } from "./database.ts";
import { sql } from "./sql.ts";
import type { DueDelivery } from "./webhooks.ts";

/** The newest endpoints' first. */
export function deliveriesOfEvent(
  db: Queryable,
  accountId: AccountId,
  eventId: EventId,
  most: number,
): Promise<Delivery[]> {
  return db.query<Delivery>(sql`
    select d.endpoint_id as "endpointId", e.url, d.status, d.tries as "triesMade", d.due_at as "nextTryAt"
      from deliveries d
      left join webhook_endpoints e on e.account_id = ${accountId} and e.endpoint_id = d.endpoint_id
     where d.account_id = ${accountId} and d.event_id = ${eventId}
     order by d.endpoint_id desc limit ${most}`);
}

export type PastTry = Omit<TryRecord, "eventId" | "next">;

/** Of each of an event's deliveries the newest tries, oldest first. */
export function triesOfEvent(
  db: Queryable,
  accountId: AccountId,
  eventId: EventId,
  mostEach: number,
): Promise<PastTry[]> {
  return db.query<PastTry>(sql`
    select t.endpoint_id as "endpointId", t.try, t.tried_at as "triedAt", t.duration_ms as "durationMs",
           t.status_code as "statusCode", t.error, t.response_start as "responseStart"
      from delivery_tries t
      join deliveries d on d.account_id = ${accountId} and d.event_id = t.event_id and d.endpoint_id = t.endpoint_id
     where t.account_id = ${accountId} and t.event_id = ${eventId} and t.try > d.tries - ${mostEach}::integer
     order by t.endpoint_id, t.try`);
}

/**
 * Makes an event due at once again: to one endpoint, or (null) to each that takes its type; enabled ones alone. One that
 * has no delivery of it yet gets one. The count of tries goes on, and the schedule begins anew. A try under way is not
 * doubled: its lease stays, and what it comes to counts. Gives back to which.
 */
export async function resendEvent(
  tx: Tx,
  accountId: AccountId,
  eventId: EventId,
  to: EndpointId | null,
  now: Instant,
): Promise<EndpointId[]> {
  const wanted = to === null ? sql`(e.events is null or v.type = any(e.events))` : sql`e.endpoint_id = ${to}`;
  const rows = await tx.query<{ endpoint_id: EndpointId }>(sql`
    insert into deliveries as d (account_id, event_id, endpoint_id, intent_id, seq, status, due_at, created_at)
    select ${accountId}::uuid, v.event_id, e.endpoint_id, v.intent_id, v.seq, 'pending', ${ts(now)}::timestamptz, v.created_at
      from events v
      join webhook_endpoints e on e.account_id = ${accountId} and e.enabled and ${wanted}
     where v.account_id = ${accountId} and v.event_id = ${eventId}
     order by e.endpoint_id
    on conflict (account_id, event_id, endpoint_id) do update
       set status = 'pending', due_at = excluded.due_at, resent_after = d.tries, held = null
    returning d.endpoint_id`);
  return rows.map((row) => row.endpoint_id);
}

export type Span = { readonly since: Instant; readonly until: Instant };

/** The same for what failed of one endpoint, of the events that happened in the span: the oldest first, how many. */
export async function resendFailed(
  tx: Tx,
  accountId: AccountId,
  endpointId: EndpointId,
  span: Span,
  now: Instant,
  most: number,
): Promise<number> {
  const rows = await tx.query(sql`
    update deliveries d
       set status = 'pending', due_at = ${ts(now)}, resent_after = d.tries, held = null
      from (select event_id from deliveries
             where account_id = ${accountId} and endpoint_id = ${endpointId} and status = 'failed'
               and created_at >= ${ts(span.since)} and created_at < ${ts(span.until)}
             order by created_at, event_id limit ${most}) as failed
     where d.account_id = ${accountId} and d.event_id = failed.event_id and d.endpoint_id = ${endpointId}
       and d.status = 'failed'
    returning d.event_id`);
  return rows.length;
}

export async function hasFailed(
  db: Queryable,
  accountId: AccountId,
  endpointId: EndpointId,
  span: Span,
): Promise<boolean> {
  const rows = await db.query(sql`
    select 1 from deliveries
     where account_id = ${accountId} and endpoint_id = ${endpointId} and status = 'failed'
       and created_at >= ${ts(span.since)} and created_at < ${ts(span.until)} limit 1`);
  return rows.length > 0;
}

/** Gives a delivery up whose endpoint is gone. */
export async function giveUpOrphan(db: Queryable, due: DueDelivery): Promise<void> {
  await db.query(sql`
    update deliveries d set status = 'failed', due_at = null, lease_until = null
     where d.account_id = ${due.accountId} and d.event_id = ${due.eventId} and d.endpoint_id = ${due.endpointId}
       and d.due_at is not null
       and not exists (select 1 from webhook_endpoints e
                        where e.account_id = ${due.accountId} and e.endpoint_id = ${due.endpointId})`);
}
