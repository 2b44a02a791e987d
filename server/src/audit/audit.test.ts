import { readFile } from "node:fs/promises";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { simulate } from "../../test/simulation/simulation.ts";
import { WATCHED } from "../../test/simulation/watched.ts";
import { createTestDatabase, type TestDatabase } from "../../test/support/database.ts";
import { audit, auditDatabase, RULES, showViolation } from "./audit.ts";

const FULL_DAYS = { days: 5, subscriptions: 20, payments: 60, killEvery: 1_000_000, auditEvery: 4 };

/** What makes each rule find something: rows that no flow would write, in books that a simulation has filled. */
const PLANTS: Record<string, readonly string[]> = {
  "intent-charged-once": [
    "drop index charges_one_per_cycle",
    "update charges set status = 'succeeded', settled_at = created_at, processor_ref = 'x', failure_reason = null where intent_id = (select intent_id from charges where cycle = 0 group by 1 having count(*) > 1 and bool_or(status = 'succeeded') limit 1)",
  ],
  "cycle-charged-once": [
    "drop index charges_one_per_cycle",
    "update charges set cycle = 1 where subscription_id = (select subscription_id from charges where cycle > 0 and status = 'succeeded' group by 1 having count(*) > 1 limit 1)",
  ],
  "charge-moved-the-money": ["update sandbox.payments set amount = amount + 1 where status = 'succeeded'"],
  "moved-money-is-booked": [
    "update charges set status = 'failed', failure_reason = 'generic_decline' where charge_id = (select min(charge_id) from charges where status = 'succeeded' and refunded = 0)",
  ],
  "totals-agree": ["update ledger_entries set amount = amount * 2 where kind = 'charge'"],
  "refunds-within-the-charge": ["update charges set refunded = 0 where refunded > 0"],
  "processor-refunds-within-the-payment": ["update sandbox.payments set refunded = 0 where refunded > 0"],
  "refund-moved-the-money": ["update sandbox.refunds set amount = amount + 1 where status = 'succeeded'"],
  "refunded-money-is-booked": [
    "update refunds set status = 'failed', failure = 'x' where refund_id = (select refund_id from refunds where status = 'succeeded' limit 1)",
  ],
  "late-success-goes-back": [
    "update charges set status = 'late' where charge_id = (select min(charge_id) from charges where status = 'succeeded' and refunded = 0)",
  ],
  "postings-balance": ["delete from ledger_entries where book = 'merchant'"],
  "accounts-sum-to-zero": ["update ledger_entries set amount = amount + 1 where book = 'processor'"],
  "charges-posted-once": ["delete from ledger_entries where kind = 'charge'"],
  "refunds-posted-once": ["delete from ledger_entries where kind = 'refund'"],
  "no-card-numbers": ["update charges set card_brand = '4242424242424242'"],
  "intent-follows-its-charge": [
    "update intents set status = 'cancelled', charge_id = null, paid_at = null where status = 'succeeded'",
  ],
  "failures-counted": ["update intents set failed_charges = failed_charges + 1 where failed_charges < 9"],
  "given-up-with-the-intent": [
    "update charges set failure_reason = 'canceled' where failure_reason = 'generic_decline'",
  ],
  "no-charge-after-expiry": [
    "update charges c set created_at = i.expires_at from intents i where i.intent_id = c.intent_id and c.cycle = 0",
  ],
  "charge-follows-its-intent": ["update intents set amount = amount + 1"],
  "subscription-per-paid-intent": ["delete from subscriptions"],
  "subscription-follows-its-charge": [
    "update subscriptions set charge_id = (select min(charge_id) from charges), due_at = null where status = 'active'",
  ],
  "current-cycle-is-paid": [
    "update subscriptions set current_cycle = current_cycle + 1, debt_cycle = debt_cycle + 1",
  ],
  "due-on-schedule": [
    "update subscriptions set due_at = due_at + interval '1 second' where status = 'active'",
  ],
  "debt-was-refused": ["update subscriptions set debt_cycle = debt_cycle + 7 where debt_cycle is not null"],
  "renewal-not-early": ["update charges set created_at = created_at - interval '1 day' where cycle > 0"],
  "cancelled-begins-no-charge": [
    "update charges set created_at = created_at + interval '90 days' where subscription_id in (select subscription_id from subscriptions where status = 'cancelled')",
  ],
  "key-answers-hold": [
    `insert into idempotency_keys (account_id, key, fingerprint, answer, created_at)
     select account_id, 'a', sha256('a'), '{"intent_id":"pi_00000000-0000-7000-8000-000000000000"}', created_at
       from accounts limit 1`,
  ],
  "one-effect-per-key": [
    `insert into idempotency_keys (account_id, key, fingerprint, answer, created_at)
     select account_id, key, sha256('a'), '{"intent_id":"pi_' || intent_id || '","payment_url":"https://pay.example"}', created_at
       from (select * from intents limit 1) i, (values ('a'), ('b')) as keys (key)`,
  ],
  "payment-succeeded-told": ["update events set type = 'payment.failed' where type = 'payment.succeeded'"],
  "payment-failed-told": ["delete from events where type = 'payment.failed'"],
  "payment-canceled-told": ["delete from events where type = 'payment.canceled'"],
  "subscription-created-told": ["delete from events where type = 'subscription.canceled'"],
  "renewals-told": ["delete from events where type = 'subscription.renewed'"],
  "refunds-told": ["delete from events where type = 'payment.refunded'"],
  "events-in-sequence": [
    "update events e set seq = seq + 1 where seq = (select max(seq) from events x where x.intent_id = e.intent_id)",
  ],
  "event-says-what-it-is": ["update events set body = replace(body, 'pi_', 'px_')"],
  "told-to-all-who-want-it": [
    "update webhook_endpoints set enabled = true, disabled_reason = null, subscribed_since = '2020-01-01', events = null",
    "delete from deliveries where event_id = (select event_id from events order by created_at limit 1)",
  ],
  "delivery-follows-its-event": ["update deliveries set seq = seq + 1"],
  "tries-counted": ["update deliveries set tries = tries + 1"],
  "acknowledged-left-alone": [
    `insert into delivery_tries
     select account_id, event_id, endpoint_id, max(try) + 1, max(tried_at) + interval '1 day', 1, 200, null, ''
       from delivery_tries where (event_id, endpoint_id) in (select event_id, endpoint_id from deliveries where status = 'delivered')
      group by account_id, event_id, endpoint_id`,
    "update deliveries set tries = tries + 1 where status = 'delivered'",
  ],
  "delivered-is-acknowledged": ["update delivery_tries set status_code = 500, error = 'answered 500'"],
  "nothing-forgotten": [
    "update webhook_endpoints set enabled = true, disabled_reason = null, subscribed_since = '2020-01-01'",
    "update deliveries set status = 'failed', due_at = null, held = null",
  ],
  "tries-keep-the-schedule": ["update delivery_tries set tried_at = '2026-01-01'"],
  "references-stay-in-the-account": ["delete from customers"],
  "references-are-the-merchants-own": [
    "insert into accounts (account_id, merchant_id, mode, name, created_at) select '00000000-0000-7000-8000-000000000000', '00000000-0000-7000-8000-000000000000', 'test', 'Other', created_at from accounts limit 1",
    "insert into customers select '00000000-0000-7000-8000-000000000000', customer_id, identity, customer_ref_id, email, name, created_at from customers limit 1",
  ],
};

describe("the auditor", () => {
  let database: TestDatabase;
  let client: Client;
  beforeAll(async () => {
    database = await createTestDatabase();
    const filled = await simulate(database.url, { seed: 1, ...FULL_DAYS });
    expect(filled.wrongs).toEqual([]);
    client = new Client({ connectionString: database.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  const violated = async (): Promise<string[]> => {
    const found = await audit({
      query: async <Row>(statement: object) =>
        (await client.query(statement as { text: string })).rows as Row[],
    });
    return found.map(({ rule }) => rule);
  };

  it("finds nothing wrong in books that the flows have written", async () => {
    expect((await auditDatabase(database.url)).map(showViolation)).toEqual([]);
  });

  it("knows for each rule what it would find", () => {
    expect(Object.keys(PLANTS).sort()).toEqual(RULES.map(({ name }) => name).sort());
  });

  it.each(RULES.map(({ name }) => name))("finds what breaks %s", async (name) => {
    await client.query("begin");
    try {
      for (const statement of PLANTS[name] ?? []) await client.query(statement);
      expect(await violated()).toContain(name);
    } finally {
      await client.query("rollback");
    }
  });

  it("gives the ids of what it found, and only the first rows of much", async () => {
    await client.query("begin");
    try {
      await client.query("delete from customers");
      const [found] = await audit({
        query: async <Row>(statement: object) =>
          (await client.query(statement as { text: string })).rows as Row[],
      });
      expect(found?.rows).toHaveLength(20);
      expect(found?.more).toBe(true);
      for (const row of found?.rows ?? [])
        expect(Object.keys(row)).toEqual(expect.arrayContaining(["account_id", "id"]));
    } finally {
      await client.query("rollback");
    }
  });

  it("is explained in docs/operate/invariants.md, rule by rule", async () => {
    const page = await readFile(new URL("../../../docs/operate/invariants.md", import.meta.url), "utf8");
    const explained = [...page.matchAll(/^\| `([\w-]+)` \| (.+?) \|/gm)].map(
      ([, name, sentence]) => `${name}: ${sentence}`,
    );
    const audited = RULES.map(({ name, sentence }) => `${name}: ${sentence}`);
    const watched = Object.entries(WATCHED).map(([name, sentence]) => `${name}: ${sentence}`);
    expect(explained.sort()).toEqual([...audited, ...watched].sort());
  });
});
