/** How time passes in a simulation: one step after the other, over what is due, with an audit after each day. */
import type { Sql } from "sql-template-tag";
import { audit } from "../../src/audit/audit.ts";
import type { Cluster } from "./cluster.ts";
import type { Promises } from "./promises.ts";
import { DAY, SECOND, type Stage } from "./stage.ts";

/** Runs the days, and stops at the first wrong. */
export async function runDays(
  stage: Stage,
  cluster: Cluster,
  promises: Promises,
  { days, auditEvery }: { readonly days: number; readonly auditEvery: number },
): Promise<void> {
  const start = Number(stage.timeline.now());
  for (let day = 1; day <= days; day++) {
    await runUntil(stage, cluster, start + day * DAY);
    if (stage.wrongs.length > 0) return;
    cluster.sweep();
    if (day % VACUUM_DAYS === 0) await stage.look("vacuum (truncate off, analyze)");
    if (day % auditEvery === 0 || day === days) await auditBooks(stage, promises);
    if (stage.wrongs.length > 0) return;
  }
}

/** What autovacuum would do, at a time that the seed knows; short runs do without. */
const VACUUM_DAYS = 40;

/** How long what is under way may take to end once nothing goes wrong any more: the longest wait of a delivery, and more. */
const SETTLE_DAYS = 12;

/** No more trouble, until nothing is in flight; then the books are audited to the last unit. */
export async function settleDown(stage: Stage, cluster: Cluster, promises: Promises): Promise<void> {
  stage.troubled = false;
  const start = Number(stage.timeline.now());
  for (let hours = 1; stage.wrongs.length === 0; hours++) {
    await runUntil(stage, cluster, start + (hours * DAY) / 24);
    const open = await inFlight(stage);
    if (open === null) break;
    if (hours > SETTLE_DAYS * 24) stage.wrong("all-settles", `still in flight: ${open}`);
  }
  // Also after something was seen to go wrong: the books may tell more.
  await auditBooks(stage, promises);
}

/** The auditor's rules leave out what is in flight, so they hold at any moment. */
async function auditBooks(stage: Stage, promises: Promises): Promise<void> {
  stage.count("audits");
  const violations = await audit({
    query: <Row>({ text, values }: Sql) => stage.look<Row>(text, values),
  });
  for (const violation of violations) stage.violated(violation);
  for (const { subscription_id, cycle } of await stage.look<Renewal>(OF_ANOTHER_CYCLE))
    stage.wrong("missed-cycles-lapse", `${subscription_id} was charged for cycle ${cycle}`);
  for (const { reason } of await stage.look<{ reason: string }>(REFUNDED_TWICE))
    stage.wrong("one-refund-per-key", reason);
  await promises.check();
}

/** Each refund of the simulation carries its key as its reason. */
const REFUNDED_TWICE = `
  select reason from refunds where reason like 'refund-%' group by account_id, reason having count(*) > 1 limit 3`;

type Renewal = { readonly subscription_id: string; readonly cycle: number };
const OF_ANOTHER_CYCLE = `
  select c.subscription_id, c.cycle from charges c join subscriptions s using (account_id, subscription_id)
   where c.cycle <> floor(extract(epoch from c.created_at - s.anchor_at) / (86400 * s.interval_days)) limit 3`;

/** A gap in the timeline that is worth asking the database what is due in it. */
const WORTH_ASKING = 0.6 * SECOND;

/** Everything up to `end`, in microseconds. */
async function runUntil(stage: Stage, cluster: Cluster, end: number): Promise<void> {
  const { timeline, work, wrongs } = stage;
  for (;;) {
    await work.settle();
    if (wrongs.length > 0) return;
    const left = end - Number(timeline.now());
    const gap = timeline.untilNext() ?? Number.POSITIVE_INFINITY;
    if (gap > WORTH_ASKING && cluster.isUp()) {
      const due = await nextDue(stage);
      if (due !== null && due < gap && due < left) cluster.pollIn(due);
    }
    if ((timeline.untilNext() ?? Number.POSITIVE_INFINITY) > left) {
      timeline.skipTo(end);
      return;
    }
    await cluster.maybeKill();
    timeline.step();
  }
}

/** Microseconds until the next thing that a worker would find; null: nothing waits. */
async function nextDue(stage: Stage): Promise<number | null> {
  const [row] = await stage.look<{ micros: string | null }>(NEXT_DUE, [
    new Date(Number(stage.timeline.now() / 1_000n)).toISOString(),
  ]);
  return row?.micros == null ? null : Number(row.micros);
}

/** Leases are wall time, all else the account's. A first try that waits for an earlier event's is not due. */
const NEXT_DUE = `
  with due as (
    select a.clock_offset_us, x.due_at, x.lease_until
      from accounts a, lateral (
        (select look_up_at as due_at, lease_until from charges c where c.account_id = a.account_id and look_up_at is not null)
        union all
        (select look_up_at, lease_until from refunds r where r.account_id = a.account_id and look_up_at is not null)
        union all
        (select due_at, null from subscriptions s where s.account_id = a.account_id and due_at is not null order by due_at limit 1)
        union all
        (select expires_at, null from intents i where i.account_id = a.account_id
            and status in ('requires_payment', 'requires_action') order by expires_at limit 1)
        union all
        (select due_at, lease_until from deliveries d where d.account_id = a.account_id and due_at is not null
            and (d.tries > 0 or not exists (select 1 from deliveries earlier
                  where earlier.account_id = d.account_id and earlier.intent_id = d.intent_id
                    and earlier.endpoint_id = d.endpoint_id and earlier.seq < d.seq
                    and earlier.due_at is not null and earlier.tries = 0)))
      ) x
  )
  select min(greatest(
           extract(epoch from due_at - $1::timestamptz) * 1000000 - clock_offset_us,
           extract(epoch from lease_until - $1::timestamptz) * 1000000 + 1))::bigint as micros
    from due`;

/** What is not finished, but for subscriptions that wait for their next cycle; null: nothing. */
async function inFlight(stage: Stage): Promise<string | null> {
  const [row] = await stage.look<Record<string, string>>(`
    select (select count(*) from charges where look_up_at is not null) as charges,
           (select count(*) from refunds where status = 'pending') as refunds,
           (select count(*) from deliveries where status = 'pending') as deliveries,
           (select count(*) from intents where status not in ('succeeded', 'failed', 'cancelled', 'expired')) as intents`);
  const open = Object.entries(row ?? {}).filter(([, count]) => count !== "0");
  return open.length === 0 ? null : open.map(([what, count]) => `${count} ${what}`).join(", ");
}
