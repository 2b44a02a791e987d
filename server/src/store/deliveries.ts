/** What became of deliveries: their tries, as recorded and as shown; sent again, or given up with their endpoint. */
import type { Instant } from "../base/instant.ts";
import type { AccountId, EndpointId, EventId } from "../domain/ids.ts";
import type { Delivery, TryRecord } from "../domain/webhook.ts";
import { type Queryable, type Tx, ts } from "./database.ts";
import type { DueDelivery } from "./due-deliveries.ts";
import { onPage, type Page } from "./page.ts";
import { sql } from "./sql.ts";

/** All of one moment, so the newest endpoints' first. */
export function deliveriesOfEvent(
  db: Queryable,
  accountId: AccountId,
  eventId: EventId,
  page: Page<EndpointId>,
): Promise<Delivery[]> {
  return db.query<Delivery>(sql`
    select d.endpoint_id as "endpointId", e.url, d.status, d.tries as "triesMade", d.due_at as "nextTryAt",
           d.created_at as "createdAt"
      from deliveries d
      left join webhook_endpoints e on e.account_id = ${accountId} and e.endpoint_id = d.endpoint_id
     where d.account_id = ${accountId} and d.event_id = ${eventId}
       ${onPage(page, sql`d.created_at`, sql`d.endpoint_id`)}`);
}

export type PastTry = Omit<TryRecord, "eventId" | "resentAfter" | "next">;

/** Of an event's deliveries to these endpoints, of each the newest tries, oldest first. */
export function triesOfEvent(
  db: Queryable,
  accountId: AccountId,
  eventId: EventId,
  endpoints: readonly EndpointId[],
  mostEach: number,
): Promise<PastTry[]> {
  return db.query<PastTry>(sql`
    select t.endpoint_id as "endpointId", t.try, t.tried_at as "triedAt", t.duration_ms as "durationMs",
           t.status_code as "statusCode", t.error, t.response_start as "responseStart"
      from delivery_tries t
      join deliveries d on d.account_id = ${accountId} and d.event_id = t.event_id and d.endpoint_id = t.endpoint_id
     where t.account_id = ${accountId} and t.event_id = ${eventId} and t.endpoint_id = any(${endpoints}::uuid[])
       and t.try > d.tries - ${mostEach}::integer
     order by t.endpoint_id, t.try`);
}

/**
 * Writes what tries came to. A delivery that was given up meanwhile stays so, unless it was acknowledged after all. One that
 * was sent again meanwhile has had what was asked for, if it was acknowledged; else it stays due as that made it.
 */
export async function recordTries(tx: Tx, accountId: AccountId, tries: readonly TryRecord[]): Promise<void> {
  const events = tries.map((t) => t.eventId);
  const endpoints = tries.map((t) => t.endpointId);
  const numbers = tries.map((t) => t.try);
  const resentMeanwhile = sql`(d.resent_after <> t.resent_after and d.due_at is not null and t.status <> 'delivered')`;
  await tx.query(sql`
    with logged as (
      insert into delivery_tries (account_id, event_id, endpoint_id, try, tried_at, duration_ms, status_code, error, response_start)
      select ${accountId}::uuid, t.event_id, t.endpoint_id, t.try, t.tried_at, t.duration_ms, t.status_code, t.error, t.response_start
        from unnest(
        ${events}::uuid[], ${endpoints}::uuid[], ${numbers}::integer[], ${tries.map((t) => ts(t.triedAt))}::timestamptz[],
        ${tries.map((t) => t.durationMs)}::integer[], ${tries.map((t) => t.statusCode)}::integer[],
        ${tries.map((t) => t.error)}::text[], ${tries.map((t) => t.responseStart)}::text[])
        as t (event_id, endpoint_id, try, tried_at, duration_ms, status_code, error, response_start)
      on conflict (account_id, event_id, endpoint_id, try) do nothing
    )
    update deliveries d
       set tries = t.try, lease_until = null, held = null,
           status = case when d.due_at is null and t.status = 'pending' then d.status
                         when ${resentMeanwhile} then 'pending' else t.status end,
           due_at = case when d.due_at is null or ${resentMeanwhile} then d.due_at else t.due_at end,
           resent_after = case when ${resentMeanwhile} then t.try else d.resent_after end
      from unnest(${events}::uuid[], ${endpoints}::uuid[], ${numbers}::integer[], ${tries.map((t) => t.next.status)}::text[],
                  ${tries.map((t) => (t.next.status === "pending" ? ts(t.next.dueAt) : null))}::timestamptz[],
                  ${tries.map((t) => t.resentAfter)}::integer[])
           as t (event_id, endpoint_id, try, status, due_at, resent_after)
     where d.account_id = ${accountId} and d.event_id = t.event_id and d.endpoint_id = t.endpoint_id and d.tries = t.try - 1`);
}

/**
 * Makes an event due at once again: to one endpoint, or (null) to each that takes its type; enabled ones alone. One that
 * has no delivery of it yet gets one. The count of tries goes on, and the schedule begins anew. A try under way is not
 * doubled: its lease stays, and where it succeeds, that was it (see `recordTries`). Gives back to which.
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

/** Of the row `d`: given up, or tried since it was last sent again without success, and not being tried at `wall`. */
function hasFailedAt(wall: Instant) {
  const isWaiting = sql`d.due_at is not null and d.tries > d.resent_after and (d.lease_until is null or d.lease_until < ${ts(wall)})`;
  return { given: sql`d.status = 'failed'`, waiting: isWaiting };
}

function failedIn(accountId: AccountId, endpointId: EndpointId, span: Span, wall: Instant, most: number) {
  const { given, waiting } = hasFailedAt(wall);
  const those = (failed: typeof given) => sql`
    (select d.event_id, d.created_at from deliveries d
      where d.account_id = ${accountId} and d.endpoint_id = ${endpointId} and ${failed}
        and d.created_at >= ${ts(span.since)} and d.created_at < ${ts(span.until)}
      order by d.created_at, d.event_id limit ${most})`;
  // Each has an index of its own, which one `or` of both would not use.
  return sql`select event_id from (${those(given)} union all ${those(waiting)}) each_kind order by created_at, event_id limit ${most}`;
}

/**
 * The same for what failed of one endpoint, of the events that happened in the span: the oldest first, how many. Also what
 * still waits for another try. What was sent again already and not tried since is not counted a second time, and a try under
 * way is left to end. `wall` is what leases go by.
 */
export async function resendFailed(
  tx: Tx,
  accountId: AccountId,
  endpointId: EndpointId,
  span: Span,
  { now, wall }: { readonly now: Instant; readonly wall: Instant },
  most: number,
): Promise<number> {
  const { given, waiting } = hasFailedAt(wall);
  const rows = await tx.query(sql`
    update deliveries d
       set status = 'pending', due_at = ${ts(now)}, resent_after = d.tries, held = null
      from (${failedIn(accountId, endpointId, span, wall, most)}) as failed
     where d.account_id = ${accountId} and d.event_id = failed.event_id and d.endpoint_id = ${endpointId}
       and (${given} or (${waiting}))
    returning d.event_id`);
  return rows.length;
}

export async function hasFailed(
  db: Queryable,
  accountId: AccountId,
  endpointId: EndpointId,
  span: Span,
  wall: Instant,
): Promise<boolean> {
  const rows = await db.query(failedIn(accountId, endpointId, span, wall, 1));
  return rows.length > 0;
}

/** Gives a delivery up whose endpoint is gone. */
export async function giveUpOrphan(
  db: Queryable,
  due: Pick<DueDelivery, "accountId" | "eventId" | "endpointId">,
): Promise<void> {
  await db.query(sql`
    update deliveries d set status = 'failed', due_at = null, lease_until = null, held = null
     where d.account_id = ${due.accountId} and d.event_id = ${due.eventId} and d.endpoint_id = ${due.endpointId}
       and d.due_at is not null
       and not exists (select 1 from webhook_endpoints e
                        where e.account_id = ${due.accountId} and e.endpoint_id = ${due.endpointId})`);
}
