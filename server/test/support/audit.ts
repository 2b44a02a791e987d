/**
 * The auditor of the tests: adds up the books after each file, reading only tables, and the sandbox's books as the other
 * party's word. Each rule finds rows that must not exist; it shares no code with the flows.
 */
import pg from "pg";

const RULES: Record<string, string> = {
  "an intent is charged successfully at most once":
    "select account_id, intent_id from charges where cycle = 0 and status = 'succeeded' group by 1, 2 having count(*) > 1",
  "a subscription's cycle is charged successfully at most once":
    "select account_id, subscription_id, cycle from charges where cycle > 0 and status = 'succeeded' group by 1, 2, 3 having count(*) > 1",
  "an intent is paid exactly where its charge succeeded": `select i.intent_id, i.status from intents i
      where (i.status = 'succeeded') <> exists (select 1 from charges c where c.account_id = i.account_id
        and c.intent_id = i.intent_id and c.cycle = 0 and c.status = 'succeeded')`,
  "a charge that succeeded moved the money at the sandbox, to the minor unit": `select c.charge_id from charges c
      where c.status in ('succeeded', 'late') and not exists (select 1 from sandbox.payments p where p.account_id = c.account_id
        and p.idempotency_key = c.attempt_key and p.status = 'succeeded' and p.amount = c.amount and p.currency = c.currency)`,
  "what the sandbox moved is in our books, unless it is still being asked after": `select p.idempotency_key from sandbox.payments p
      where p.status = 'succeeded' and not exists (select 1 from charges c where c.account_id = p.account_id
        and c.attempt_key = p.idempotency_key and c.status in ('succeeded', 'late', 'pending'))`,
  "every posting sums to zero":
    "select account_id, charge_id, kind, source_id from ledger_entries group by 1, 2, 3, 4 having sum(amount) <> 0 or count(*) <> 2",
  "every charge that succeeded is posted once, and no other": `select c.charge_id, c.status from charges c
      where (c.status in ('succeeded', 'late')) <> exists (select 1 from ledger_entries l where l.account_id = c.account_id
        and l.charge_id = c.charge_id and l.kind = 'charge' and l.book = 'processor' and l.amount = c.amount)`,
  "a paid intent has one payment.succeeded, and no other has": `select i.intent_id, i.status from intents i
      where (select count(*) from events e where e.account_id = i.account_id and e.intent_id = i.intent_id
        and e.type = 'payment.succeeded') <> case when i.status = 'succeeded' then 1 else 0 end`,
  "each failed attempt to pay has one payment.failed, unless it was given up by a cancel or an expiry": `select i.intent_id from intents i
      where (select count(*) from events e where e.account_id = i.account_id and e.intent_id = i.intent_id and e.type = 'payment.failed')
         <> (select count(*) from charges c where c.account_id = i.account_id and c.intent_id = i.intent_id and c.cycle = 0
              and c.status = 'failed' and c.failure_reason not in ('canceled', 'expired'))`,
  "a cancelled intent has one payment.canceled, and no other has": `select i.intent_id, i.status from intents i
      where (select count(*) from events e where e.account_id = i.account_id and e.intent_id = i.intent_id
        and e.type = 'payment.canceled') <> case when i.status = 'cancelled' then 1 else 0 end`,
  "a paid recurring intent has one subscription and one subscription.created": `select i.intent_id from intents i
      where (i.status = 'succeeded' and i.type = 'recurring')
         <> exists (select 1 from subscriptions s where s.account_id = i.account_id and s.intent_id = i.intent_id)
         or (select count(*) from events e where e.account_id = i.account_id and e.intent_id = i.intent_id and e.type = 'subscription.created')
         <> case when i.status = 'succeeded' and i.type = 'recurring' then 1 else 0 end`,
  "each renewal has one event that says how it went": `select s.subscription_id from subscriptions s
      where (select count(*) from events e where e.account_id = s.account_id and e.intent_id = s.intent_id and e.type = 'subscription.renewed')
         <> (select count(*) from charges c where c.account_id = s.account_id and c.intent_id = s.intent_id and c.cycle > 0 and c.status = 'succeeded')
         or (select count(*) from events e where e.account_id = s.account_id and e.intent_id = s.intent_id and e.type = 'subscription.failed')
         <> (select count(*) from charges c where c.account_id = s.account_id and c.intent_id = s.intent_id and c.cycle > 0 and c.status = 'failed')`,
  "a cancelled subscription has one subscription.canceled, and no other has": `select s.subscription_id from subscriptions s
      where (select count(*) from events e where e.account_id = s.account_id and e.intent_id = s.intent_id
        and e.type = 'subscription.canceled') <> case when s.status = 'cancelled' then 1 else 0 end`,
  "an intent's events are numbered without a gap":
    "select account_id, intent_id from events group by 1, 2 having max(seq) <> count(*) or min(seq) <> 1",
  "what is refunded of a charge, or reserved to be, is the sum of its refunds": `select c.charge_id from charges c
      where c.refunded <> (select coalesce(sum(r.amount), 0) from refunds r where r.account_id = c.account_id
        and r.charge_id = c.charge_id and r.status <> 'failed')`,
  "refunds that succeeded are the sandbox's, to the minor unit": `select r.refund_id from refunds r
      where (r.status = 'succeeded') <> exists (select 1 from sandbox.refunds s where s.account_id = r.account_id
        and s.refund_key = r.refund_id::text and s.status = 'succeeded' and s.amount = r.amount and s.currency = r.currency)
        and r.status <> 'pending'`,
  "a late success is refunded whole": `select c.charge_id from charges c where c.status = 'late' and c.refunded <> c.amount`,
  "each refund is posted and told once, where it succeeded": `select r.refund_id from refunds r
      where (r.status = 'succeeded') <> exists (select 1 from ledger_entries l where l.account_id = r.account_id
        and l.charge_id = r.charge_id and l.kind = 'refund' and l.source_id = r.refund_id and l.book = 'processor' and l.amount = -r.amount)
      union all
     select null from refunds r group by r.account_id, r.intent_id
     having count(*) filter (where r.status = 'succeeded') <> (select count(*) from events e
        where e.account_id = r.account_id and e.intent_id = r.intent_id and e.type = 'payment.refunded')`,
  "a delivery that was acknowledged had exactly one acknowledged try since it was last sent again": `select d.event_id from deliveries d
      where d.status = 'delivered' and (select count(*) from delivery_tries t where t.account_id = d.account_id
        and t.event_id = d.event_id and t.endpoint_id = d.endpoint_id and t.try > d.resent_after and t.status_code between 200 and 299) <> 1`,
  "a delivery counts its tries": `select d.event_id from deliveries d
      where d.tries <> (select count(*) from delivery_tries t where t.account_id = d.account_id
        and t.event_id = d.event_id and t.endpoint_id = d.endpoint_id)`,
  "no card number or code is in the sandbox's vault":
    "select token from sandbox.methods m where m::text ~ '[0-9]{13,19}'",
};

/** What is wrong, one line a rule, with the first rows. */
export async function findWrongs(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const wrongs: string[] = [];
    for (const [rule, query] of Object.entries(RULES)) {
      const { rows } = await client.query(`${query} limit 5`);
      if (rows.length > 0) wrongs.push(`${rule}: ${JSON.stringify(rows)}`);
    }
    return wrongs;
  } finally {
    await client.end();
  }
}
