/** Webhook endpoints, deliveries and the log of their tries. */
import type { Instant } from "../base/instant.ts";
import type { AccountId, EndpointId, EventId } from "../domain/ids.ts";
import { disabledAt, failingTooLong } from "../domain/retry-schedule.ts";
import type {
  ClaimedDelivery,
  DisabledReason,
  Endpoint,
  EndpointSecrets,
  HealthSeen,
} from "../domain/webhook.ts";
import { type Queryable, type Tx, ts } from "./database.ts";
import { type Look, whose } from "./due.ts";
import { onPage, type Page } from "./page.ts";
import { empty, sql } from "./sql.ts";

// endpoints

const endpointColumns = sql`
  account_id as "accountId", endpoint_id as "endpointId", url, events, enabled, disabled_reason as "disabledReason",
  failing_since as "failingSince", from_environment as "fromEnvironment",
  previous_secret_until as "previousSecretUntil", created_at as "createdAt"`;

export async function findEndpoint(
  db: Queryable,
  accountId: AccountId,
  endpointId: EndpointId,
): Promise<Endpoint | null> {
  const rows = await db.query<Endpoint>(sql`
    select ${endpointColumns} from webhook_endpoints
     where account_id = ${accountId} and endpoint_id = ${endpointId}`);
  return rows[0] ?? null;
}

/** Newest first. */
export function listEndpoints(
  db: Queryable,
  accountId: AccountId,
  page: Page<EndpointId>,
): Promise<Endpoint[]> {
  return db.query<Endpoint>(sql`
    select ${endpointColumns} from webhook_endpoints
     where account_id = ${accountId} ${onPage(page, sql`created_at`, sql`endpoint_id`)}`);
}

export async function countEndpoints(db: Queryable, accountId: AccountId): Promise<number> {
  const rows = await db.query<{ count: bigint }>(sql`
    select count(*) as count from webhook_endpoints where account_id = ${accountId}`);
  return Number(rows[0]?.count ?? 0n);
}

/** Of the row `e`: the secrets before the present one that still sign at `wall`, newest first, as arrays of the same order. */
function earlier(wall: Instant) {
  const all = sql`
    unnest(array_prepend(e.previous_secret, e.older_secrets), array_prepend(e.previous_secret_until, e.older_secrets_until))
      with ordinality as earlier (secret, until, place) where until > ${ts(wall)}`;
  return {
    secrets: sql`array(select earlier.secret from ${all} order by place)`,
    untils: sql`array(select until from ${all} order by place)`,
  };
}

/** Those that sign at `wall` (wall time). */
export async function secretsOfEndpoint(
  db: Queryable,
  accountId: AccountId,
  endpointId: EndpointId,
  wall: Instant,
): Promise<EndpointSecrets | null> {
  const rows = await db.query<EndpointSecrets>(sql`
    select e.secret, ${earlier(wall).secrets} as "earlierSecrets"
      from webhook_endpoints e where e.account_id = ${accountId} and e.endpoint_id = ${endpointId}`);
  return rows[0] ?? null;
}

/** The endpoint that the environment variables made, enabled or not; nobody changes it until the transaction's end. */
export async function lockEnvironmentEndpoint(
  tx: Tx,
  accountId: AccountId,
): Promise<(Endpoint & { secret: Buffer }) | null> {
  const rows = await tx.query<Endpoint & { secret: Buffer }>(sql`
    select ${endpointColumns}, secret from webhook_endpoints where account_id = ${accountId} and from_environment
     order by created_at limit 1 for no key update`);
  return rows[0] ?? null;
}

export async function insertEndpoint(
  db: Queryable,
  endpoint: {
    accountId: AccountId;
    endpointId: EndpointId;
    url: string;
    events: readonly string[] | null;
    secret: Buffer;
    fromEnvironment: boolean;
    /** Absent or null: it is enabled. */
    disabledReason?: DisabledReason | null;
    createdAt: Instant;
  },
): Promise<void> {
  const disabledReason = endpoint.disabledReason ?? null;
  await db.query(sql`
    insert into webhook_endpoints (
      account_id, endpoint_id, url, events, secret, from_environment, enabled, disabled_reason, created_at, subscribed_since)
    values (${endpoint.accountId}, ${endpoint.endpointId}, ${endpoint.url}, ${endpoint.events}::text[], ${endpoint.secret},
            ${endpoint.fromEnvironment}, ${disabledReason === null}, ${disabledReason}, ${ts(endpoint.createdAt)},
            ${ts(endpoint.createdAt)})`);
}

/** Null for what stays as it is. False: there is no such endpoint. */
export async function changeEndpoint(
  tx: Tx,
  accountId: AccountId,
  endpointId: EndpointId,
  to: { url: string | null; events: { types: readonly string[] | null } | null },
  at: Instant,
): Promise<boolean> {
  const rows = await tx.query(sql`
    update webhook_endpoints
       set url = coalesce(${to.url}, url),
           events = case when ${to.events !== null} then ${to.events?.types ?? null}::text[] else events end,
           subscribed_since = case when ${to.events !== null} then ${ts(at)} else subscribed_since end
     where account_id = ${accountId} and endpoint_id = ${endpointId}
    returning endpoint_id`);
  return rows.length === 1;
}

/** With a clean record; one that is enabled keeps its own. */
export async function enableEndpoint(
  tx: Tx,
  accountId: AccountId,
  endpointId: EndpointId,
  at: Instant,
): Promise<void> {
  await tx.query(sql`
    update webhook_endpoints set enabled = true, disabled_reason = null, failing_since = null, subscribed_since = ${ts(at)}
     where account_id = ${accountId} and endpoint_id = ${endpointId} and not enabled`);
}

/** How many secrets sign at `wall`, the present one among them; null: no such endpoint. Until the transaction ends, they stay. */
export async function lockSecrets(
  tx: Tx,
  accountId: AccountId,
  endpointId: EndpointId,
  wall: Instant,
): Promise<number | null> {
  const rows = await tx.query<{ signing: number }>(sql`
    select 1 + cardinality(${earlier(wall).secrets}) as signing from webhook_endpoints e
     where e.account_id = ${accountId} and e.endpoint_id = ${endpointId} for no key update`);
  return rows[0]?.signing ?? null;
}

/** The secret until now signs too until `until`, and those before it that still sign at `wall` until their own time. */
export async function rotateEndpointSecret(
  tx: Tx,
  accountId: AccountId,
  endpointId: EndpointId,
  to: { secret: Buffer; wall: Instant; until: Instant },
): Promise<void> {
  const { secrets, untils } = earlier(to.wall);
  await tx.query(sql`
    update webhook_endpoints e
       set older_secrets = ${secrets}, older_secrets_until = ${untils},
           previous_secret = e.secret, previous_secret_until = ${ts(to.until)}, secret = ${to.secret}
     where e.account_id = ${accountId} and e.endpoint_id = ${endpointId}`);
}

/** What was sent to it stays on record. False: there was no such endpoint. */
export async function deleteEndpoint(tx: Tx, accountId: AccountId, endpointId: EndpointId): Promise<boolean> {
  const rows = await tx.query(sql`
    delete from webhook_endpoints where account_id = ${accountId} and endpoint_id = ${endpointId}
    returning endpoint_id`);
  if (rows.length === 0) return false;
  await giveUpDeliveries(tx, accountId, endpointId);
  return true;
}

/** Points an endpoint at `url` with `secret`, enabled and with a clean record. */
export async function renewEndpoint(
  db: Queryable,
  accountId: AccountId,
  endpointId: EndpointId,
  to: { url: string; secret: Buffer; at: Instant },
): Promise<void> {
  await db.query(sql`
    update webhook_endpoints
       set url = ${to.url}, secret = ${to.secret}, enabled = true, disabled_reason = null, failing_since = null,
           subscribed_since = case when enabled then subscribed_since else ${ts(to.at)} end
     where account_id = ${accountId} and endpoint_id = ${endpointId}`);
}

/** Stops an endpoint and gives up what waits for it. False: it was disabled already, or has not failed all that time. */
export async function disableEndpoint(
  tx: Tx,
  accountId: AccountId,
  endpointId: EndpointId,
  reason: DisabledReason,
  onlyIf: { readonly failingSince: Instant } | null = null,
): Promise<boolean> {
  const still = onlyIf ? sql`and failing_since = ${ts(onlyIf.failingSince)}` : empty;
  const rows = await tx.query(sql`
    update webhook_endpoints set enabled = false, disabled_reason = ${reason}
     where account_id = ${accountId} and endpoint_id = ${endpointId} and enabled ${still}
    returning endpoint_id`);
  if (rows.length === 0) return false;
  await giveUpDeliveries(tx, accountId, endpointId);
  return true;
}

export type DueEndpoint = {
  readonly accountId: AccountId;
  readonly endpointId: EndpointId;
  readonly failingSince: Instant;
  readonly dueAt: Instant;
};

/** Endpoints that have failed for too long. */
export async function dueEndpoints(db: Queryable, look: Look): Promise<DueEndpoint[]> {
  const rows = await db.query<Omit<DueEndpoint, "dueAt">>(sql`
    select account_id as "accountId", endpoint_id as "endpointId", failing_since as "failingSince" from webhook_endpoints
     where enabled and failing_since <= ${ts(failingTooLong(look.at))} ${whose(look)}
     order by failing_since limit ${look.most}`);
  return rows.map((row) => ({ ...row, dueAt: disabledAt(row.failingSince) }));
}

async function giveUpDeliveries(tx: Tx, accountId: AccountId, endpointId: EndpointId): Promise<void> {
  await tx.query(sql`
    update deliveries set status = 'failed', due_at = null, held = null
     where account_id = ${accountId} and endpoint_id = ${endpointId} and due_at is not null`);
}

/**
 * Keeps since when each endpoint that was tried has failed. Tries side by side end in any order, so what counts is when they
 * began: a failure begun no later than the try that ended the last failing is of the time before, and says nothing. A success
 * ends the failing whenever it began: its answer is the newest thing known, and whoever gives it is there. All is decided on
 * the row as it is when it is locked, and not as it was when the try began. An endpoint that is well and stays so is not written.
 */
export async function recordHealth(tx: Tx, accountId: AccountId, seen: readonly HealthSeen[]): Promise<void> {
  const sorted = seen.toSorted((a, b) => (a.endpointId < b.endpointId ? -1 : 1));
  const column = (at: (one: HealthSeen) => Instant | null | undefined) =>
    sql`${sorted.map((one) => ts(at(one) ?? null))}::timestamptz[]`;
  const first = sql`(case when s.first_failed > e.recovered_at is not false then s.first_failed else s.last_failed end)`;
  const isOld = sql`(s.last_failed <= e.recovered_at) is true`;
  await tx.query(sql`
    update webhook_endpoints e
       set failing_since = case when s.last_failed is null then null
                                when s.succeeded_at is null and ${isOld} then e.failing_since
                                when ${isOld} then null
                                when s.succeeded_at is not null or e.failing_since is null then ${first}
                                else e.failing_since end,
           recovered_at = case when s.succeeded_at is not null and e.failing_since is not null
                               then greatest(e.recovered_at, s.succeeded_at) else e.recovered_at end
      from unnest(${sorted.map((s) => s.endpointId)}::uuid[], ${column((s) => s.succeededAt)},
                  ${column((s) => s.failed?.first)}, ${column((s) => s.failed?.last)})
           as s (endpoint_id, succeeded_at, first_failed, last_failed)
     where e.account_id = ${accountId} and e.endpoint_id = s.endpoint_id
       and (s.last_failed is not null or e.failing_since is not null)`);
}

// deliveries

/** Takes those of one account's deliveries that are still due, for as long as the lease lasts. */
export function claimDeliveries(
  db: Queryable,
  accountId: AccountId,
  due: readonly { readonly eventId: EventId; readonly endpointId: EndpointId; readonly dueAt: Instant }[],
  lease: { wall: Instant; until: Instant },
): Promise<ClaimedDelivery[]> {
  return db.query<ClaimedDelivery>(sql`
    update deliveries d set lease_until = ${ts(lease.until)}
      from unnest(${due.map((d) => d.eventId)}::uuid[], ${due.map((d) => d.endpointId)}::uuid[],
                  ${due.map((d) => ts(d.dueAt))}::timestamptz[]) as w (event_id, endpoint_id, due_at)
      join events v on v.account_id = ${accountId} and v.event_id = w.event_id
      join webhook_endpoints e on e.account_id = ${accountId} and e.endpoint_id = w.endpoint_id
     where d.account_id = ${accountId} and d.event_id = w.event_id and d.endpoint_id = w.endpoint_id
       and d.due_at = w.due_at and (d.lease_until is null or d.lease_until < ${ts(lease.wall)})
    returning d.account_id as "accountId", d.event_id as "eventId", d.endpoint_id as "endpointId", d.intent_id as "intentId",
              d.tries, d.resent_after as "resentAfter", e.url, e.secret, ${earlier(lease.wall).secrets} as "earlierSecrets",
              v.body, d.held,
              exists (select 1 from test_faults f
                       where f.account_id = ${accountId} and f.target = 'delivery') as "mayMeetFault"`);
}

/** Gives a claimed delivery back untried. */
export async function releaseDelivery(db: Queryable, delivery: ClaimedDelivery): Promise<void> {
  await db.query(sql`
    update deliveries set lease_until = null
     where account_id = ${delivery.accountId} and event_id = ${delivery.eventId} and endpoint_id = ${delivery.endpointId}
       and tries = ${delivery.tries}`);
}
