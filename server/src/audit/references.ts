/** References: few of them are foreign keys (ARCHITECTURE.md), so the auditor follows each. None leads to another account. */
import sql from "sql-template-tag";
import type { Rule } from "./rule.ts";

export const REFERENCES: readonly Rule[] = [
  {
    name: "references-stay-in-the-account",
    sentence: "What a row points to exists, in the same account.",
    finds: sql`
      select i.account_id, 'intent' as of, i.intent_id::text as id, 'customer' as to from intents i
       where not exists (select 1 from customers c where c.account_id = i.account_id and c.customer_id = i.customer_id)
      union all
      select i.account_id, 'intent', i.intent_id::text, 'charge' from intents i
       where i.charge_id is not null and not exists (
             select 1 from charges c where c.account_id = i.account_id and c.charge_id = i.charge_id and c.intent_id = i.intent_id)
      union all
      select c.account_id, 'charge', c.charge_id::text, 'subscription' from charges c
       where c.subscription_id is not null and not exists (
             select 1 from subscriptions s where s.account_id = c.account_id and s.subscription_id = c.subscription_id)
      union all
      select s.account_id, 'subscription', s.subscription_id::text, 'charge' from subscriptions s
       where s.charge_id is not null and not exists (
             select 1 from charges c where c.account_id = s.account_id and c.charge_id = s.charge_id)
      union all
      select r.account_id, 'refund', r.refund_id::text, 'charge of its intent' from refunds r
       where not exists (select 1 from charges c where c.account_id = r.account_id and c.charge_id = r.charge_id
                            and c.intent_id = r.intent_id and c.currency = r.currency)
      union all
      select e.account_id, 'event', e.event_id::text, 'intent' from events e
       where not exists (select 1 from intents i where i.account_id = e.account_id and i.intent_id = e.intent_id)
      union all
      select e.account_id, 'event', e.event_id::text, 'charge of its intent' from events e
       where e.charge_id is not null and not exists (
             select 1 from charges c where c.account_id = e.account_id and c.charge_id = e.charge_id and c.intent_id = e.intent_id)
      union all
      select e.account_id, 'event', e.event_id::text, 'subscription of its intent' from events e
       where e.subscription_id is not null and not exists (
             select 1 from subscriptions s where s.account_id = e.account_id and s.subscription_id = e.subscription_id
                and s.intent_id = e.intent_id)
      union all
      select x.account_id, x.of, x.id, 'account'
        from (select account_id, 'customer' as of, customer_id::text as id from customers
              union all select account_id, 'intent', intent_id::text from intents
              union all select account_id, 'endpoint', endpoint_id::text from webhook_endpoints
              union all select account_id, 'key', key from idempotency_keys) x
       where not exists (select 1 from accounts a where a.account_id = x.account_id)`,
  },
  {
    name: "references-are-the-merchants-own",
    sentence: "The ids that tell rows apart are never the same in two accounts.",
    finds: sql`
      select min(account_id::text) as account_id, of, id, count(*) as accounts
        from (select account_id, 'intent' as of, intent_id::text as id from intents
              union all select account_id, 'customer', customer_id::text from customers
              union all select account_id, 'charge', charge_id::text from charges
              union all select account_id, 'attempt', attempt_key::text from charges
              union all select account_id, 'refund', refund_id::text from refunds
              union all select account_id, 'subscription', subscription_id::text from subscriptions
              union all select account_id, 'event', event_id::text from events
              union all select account_id, 'endpoint', endpoint_id::text from webhook_endpoints) x
       group by of, id having count(*) > 1`,
  },
];
