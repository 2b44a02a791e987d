/** Which deliveries are due: the oldest first, and of each endpoint some, so that one's backlog does not hide another's. */
import type { Instant } from "../base/instant.ts";
import { WORKER } from "../base/limits.ts";
import type { AccountId, EndpointId, EventId } from "../domain/ids.ts";
import { type Queryable, ts } from "./database.ts";
import { type Look, notLeased, whose } from "./due.ts";
import { sql } from "./sql.ts";

export type DueDelivery = {
  readonly accountId: AccountId;
  readonly eventId: EventId;
  readonly endpointId: EndpointId;
  readonly dueAt: Instant;
  /** The last try to its endpoint failed. */
  readonly isFailing: boolean;
};

/** Who has as much under way as may be, and is left out. */
export type BusyEndpoints = {
  readonly endpoints: readonly EndpointId[];
  /** All endpoints whose last try failed. */
  readonly failing: boolean;
};

/**
 * `is not distinct from` keeps PostgreSQL from looking through all that its endpoint waits for, which seems as cheap to it as
 * looking through the intent's: with 30,000 rows due to one endpoint a look took 4 s instead of 10 ms.
 */
const IN_TURN = sql`(d.tries > d.resent_after or not exists (
             select 1 from deliveries earlier
              where earlier.account_id = d.account_id and earlier.intent_id = d.intent_id
                and earlier.endpoint_id is not distinct from d.endpoint_id and earlier.seq < d.seq
                and earlier.due_at is not null and earlier.tries = earlier.resent_after
                and earlier.held is distinct from 'out_of_turn'))`;

type Found = DueDelivery & { readonly isInTurn: boolean };

/**
 * Deliveries that are due, in the order of their time, `look.most` at the most. An event's first try, also the first since it
 * was sent again, waits for the first tries of the intent's earlier events to the same endpoint, so that they arrive in the
 * order of happening, unless a fault (test mode) swaps them.
 */
export function dueDeliveries(db: Queryable, look: Look): Promise<DueDelivery[]> {
  return db.query<DueDelivery>(sql`
    select d.account_id as "accountId", d.event_id as "eventId", d.endpoint_id as "endpointId", d.due_at as "dueAt",
           false as "isFailing"
      from deliveries d
     where d.due_at <= ${ts(look.at)} ${notLeased(look, sql`d.lease_until`)} ${whose(look, sql`d.account_id`)} and ${IN_TURN}
     order by d.due_at, d.seq limit ${look.most}`);
}

/**
 * The same but to whoever is busy, for many to be tried side by side: some of those that are due, and none only where there is
 * none. The oldest rows mostly tell; where they are so many that others may be hidden behind them, each endpoint with
 * anything pending is asked for its own.
 */
export async function dueDeliveriesOfMany(
  db: Queryable,
  look: Look,
  busy: BusyEndpoints,
): Promise<DueDelivery[]> {
  const oldest = await oldestDue(db, look);
  const endpoints = new Set(busy.endpoints);
  const open = oldest.filter(
    (due) => due.isInTurn && !endpoints.has(due.endpointId) && !(busy.failing && due.isFailing),
  );
  if (open.length > 0 || oldest.length < look.most) return open;
  const found = await dueOfEachEndpoint(db, look, busy);
  return found.filter((due) => due.isInTurn);
}

/** Nothing but time, leases and frozen accounts is looked at before the limit: it would read on through whole backlogs. */
function oldestDue(db: Queryable, look: Look): Promise<Found[]> {
  return db.query<Found>(sql`
    select d.account_id as "accountId", d.event_id as "eventId", d.endpoint_id as "endpointId", d.due_at as "dueAt",
           e.failing_since is not null as "isFailing", ${IN_TURN} as "isInTurn"
      from (select o.account_id, o.event_id, o.endpoint_id, o.intent_id, o.seq, o.due_at, o.tries, o.resent_after
              from deliveries o
             where o.due_at <= ${ts(look.at)} ${notLeased(look, sql`o.lease_until`)} ${whose(look, sql`o.account_id`)}
             order by o.due_at, o.seq limit ${look.most}) d
      left join webhook_endpoints e on e.account_id = d.account_id and e.endpoint_id = d.endpoint_id
     order by d.due_at, d.seq`);
}

/**
 * Of each endpoint its oldest, the first of all of them before the seconds of any. Endpoints are found by jumping from one to
 * the next in the index on (account_id, endpoint_id, due_at): one probe each, however long their backlogs.
 */
function dueOfEachEndpoint(db: Queryable, look: Look, busy: BusyEndpoints): Promise<Found[]> {
  const { endpoints, failing } = busy;
  return db.query<Found>(sql`
    with recursive pending as (
      (select p.account_id, p.endpoint_id from deliveries p
        where p.due_at is not null ${whose(look, sql`p.account_id`)}
        order by p.account_id, p.endpoint_id limit 1)
      union all
      select next.account_id, next.endpoint_id
        from pending cross join lateral (
          select p.account_id, p.endpoint_id from deliveries p
           where p.due_at is not null ${whose(look, sql`p.account_id`)}
             and (p.account_id, p.endpoint_id) > (pending.account_id, pending.endpoint_id)
           order by p.account_id, p.endpoint_id limit 1) next
    )
    select d.account_id as "accountId", d.event_id as "eventId", d.endpoint_id as "endpointId", d.due_at as "dueAt",
           d."isFailing", ${IN_TURN} as "isInTurn"
      from (select o.account_id, o.event_id, o.endpoint_id, o.intent_id, o.seq, o.due_at, o.tries, o.resent_after, o.place,
                   e.failing_since is not null as "isFailing"
              from pending
              left join webhook_endpoints e on e.account_id = pending.account_id and e.endpoint_id = pending.endpoint_id
             cross join lateral (
               select due.account_id, due.event_id, due.endpoint_id, due.intent_id, due.seq, due.due_at, due.tries, due.resent_after,
                      row_number() over (order by due.due_at, due.seq) as place
                 from deliveries due
                where due.account_id = pending.account_id and due.endpoint_id = pending.endpoint_id
                  and due.due_at <= ${ts(look.at)} ${notLeased(look, sql`due.lease_until`)}
                order by due.due_at, due.seq limit ${WORKER.deliveriesPerEndpoint * 4}) o
             where not pending.endpoint_id = any(${endpoints}::uuid[])
               and not (${failing} and e.failing_since is not null)
             order by o.place, o.due_at, o.seq limit ${look.most}) d
     order by d.place, d.due_at, d.seq`);
}
