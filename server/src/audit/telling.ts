/** Telling: each change has exactly its events, each event its deliveries, and each delivery its tries, as the contract says. */
import sql from "sql-template-tag";
import type { Rule } from "./rule.ts";

export const EVENTS: readonly Rule[] = [
  {
    name: "payment-succeeded-told",
    sentence: "A paid intent has one payment.succeeded, of its charge, and no other intent has any.",
    finds: sql`
      select coalesce(i.account_id, e.account_id) as account_id, i.intent_id, i.charge_id, e.event_ids
        from (select account_id, intent_id, charge_id from intents where status = 'succeeded') i
        full join (select account_id, intent_id, array_agg(event_id) as event_ids, array_agg(charge_id) as charge_ids
                     from events where type = 'payment.succeeded' group by account_id, intent_id) e
             on e.account_id = i.account_id and e.intent_id = i.intent_id
       where e.charge_ids is distinct from array[i.charge_id]`,
  },
  {
    name: "payment-failed-told",
    sentence:
      "Each failed attempt to pay has one payment.failed; one given up by a cancel or an expiry has none.",
    finds: sql`
      select i.account_id, i.intent_id, i.failed_charges, coalesce(e.told, 0) as told
        from intents i
        left join (select account_id, intent_id, count(*) as told, count(distinct charge_id) as charges
                     from events where type = 'payment.failed' group by account_id, intent_id) e
             using (account_id, intent_id)
       where i.failed_charges <> coalesce(e.told, 0) or i.failed_charges <> coalesce(e.charges, 0)`,
  },
  {
    name: "payment-canceled-told",
    sentence: "A cancelled intent has one payment.canceled, and no other has any.",
    finds: sql`
      select i.account_id, i.intent_id, i.status, count(e.event_id) as told
        from intents i
        left join events e on e.account_id = i.account_id and e.intent_id = i.intent_id and e.type = 'payment.canceled'
       group by i.account_id, i.intent_id, i.status
      having count(e.event_id) <> case when i.status = 'cancelled' then 1 else 0 end`,
  },
  {
    name: "subscription-created-told",
    sentence: "A subscription has one subscription.created and, once cancelled, one subscription.canceled.",
    finds: sql`
      select s.account_id, s.subscription_id, s.status, coalesce(e.created, 0) as created, coalesce(e.canceled, 0) as canceled
        from subscriptions s
        left join (select account_id, subscription_id, count(*) filter (where type = 'subscription.created') as created,
                          count(*) filter (where type = 'subscription.canceled') as canceled
                     from events where subscription_id is not null group by account_id, subscription_id) e
             using (account_id, subscription_id)
       where coalesce(e.created, 0) <> 1 or coalesce(e.canceled, 0) <> case when s.status = 'cancelled' then 1 else 0 end`,
  },
  {
    name: "renewals-told",
    sentence:
      "Each renewal that ended has one event: subscription.renewed where it succeeded, subscription.failed where not.",
    finds: sql`
      select s.account_id, s.subscription_id, coalesce(c.succeeded, 0) as succeeded, coalesce(e.renewed, 0) as renewed,
             coalesce(c.failed, 0) as failed, coalesce(e.failed, 0) as told_failed
        from subscriptions s
        left join (select account_id, subscription_id, count(*) filter (where status = 'succeeded') as succeeded,
                          count(*) filter (where status in ('failed', 'late')) as failed
                     from charges where cycle > 0 group by account_id, subscription_id) c using (account_id, subscription_id)
        left join (select account_id, subscription_id, count(*) filter (where type = 'subscription.renewed') as renewed,
                          count(*) filter (where type = 'subscription.failed') as failed
                     from events where subscription_id is not null group by account_id, subscription_id) e
             using (account_id, subscription_id)
       where coalesce(c.succeeded, 0) <> coalesce(e.renewed, 0) or coalesce(c.failed, 0) <> coalesce(e.failed, 0)`,
  },
  {
    name: "refunds-told",
    sentence:
      "Each refund that ended has one event: payment.refunded where it succeeded, refund.failed where not.",
    finds: sql`
      select coalesce(r.account_id, e.account_id) as account_id, r.refund_id, r.status, e.types
        from (select account_id, refund_id, status from refunds where status <> 'pending') r
        full join (select account_id, body::json ->> 'refund_id' as shown_id, array_agg(type) as types from events
                    where type in ('payment.refunded', 'refund.failed') group by account_id, shown_id) e
             on e.account_id = r.account_id and e.shown_id = 're_' || r.refund_id
       where e.types is distinct from
             array[case r.status when 'succeeded' then 'payment.refunded' when 'failed' then 'refund.failed' end]`,
  },
  {
    name: "events-in-sequence",
    sentence: "An intent's events are numbered from 1 without a gap.",
    finds: sql`
      select account_id, intent_id, count(*) as events, max(seq) as newest from events
       group by account_id, intent_id having max(seq) <> count(*) or min(seq) <> 1`,
  },
  {
    name: "event-says-what-it-is",
    sentence:
      "An event is of a known type, and its body names its own id, type, intent, charge and subscription.",
    finds: sql`
      select e.account_id, e.event_id, e.type from events e, lateral (select e.body::json as told) b
       where e.type not in ('payment.succeeded', 'payment.failed', 'payment.canceled', 'payment.refunded', 'refund.failed',
                            'subscription.created', 'subscription.renewed', 'subscription.failed', 'subscription.canceled')
          or (told ->> 'id', told ->> 'event', told ->> 'intent_id', told ->> 'charge_id', told ->> 'subscription_id')
             is distinct from
             ('evt_' || e.event_id, e.type, 'pi_' || e.intent_id, e.charge_id::text, 'sub_' || e.subscription_id)`,
  },
];

export const DELIVERIES: readonly Rule[] = [
  {
    name: "told-to-all-who-want-it",
    sentence: "Every event has a delivery to each endpoint that was subscribed to its type when it happened.",
    // An endpoint and an event that are written at the same moment may not know of each other: a minute is left out.
    finds: sql`
      select v.account_id, v.event_id, v.type, e.endpoint_id
        from events v
        join webhook_endpoints e on e.account_id = v.account_id and e.enabled and (e.events is null or v.type = any(e.events))
             and v.created_at > e.subscribed_since + interval '1 minute'
        left join deliveries d on d.account_id = v.account_id and d.event_id = v.event_id and d.endpoint_id = e.endpoint_id
       where d.event_id is null`,
  },
  {
    name: "delivery-follows-its-event",
    sentence: "A delivery is of an event of its account, and stands in the order of that event's intent.",
    finds: sql`
      select d.account_id, d.event_id, d.endpoint_id
        from deliveries d left join events v on v.account_id = d.account_id and v.event_id = d.event_id
       where (d.intent_id, d.seq) is distinct from (v.intent_id, v.seq)`,
  },
  {
    name: "tries-counted",
    sentence: "A delivery counts its tries, each of which is on record.",
    finds: sql`
      select coalesce(d.account_id, t.account_id) as account_id, coalesce(d.event_id, t.event_id) as event_id,
             coalesce(d.endpoint_id, t.endpoint_id) as endpoint_id, d.tries, t.made
        from deliveries d
        full join (select account_id, event_id, endpoint_id, count(*) as made, max(try) as newest from delivery_tries
                    group by account_id, event_id, endpoint_id) t using (account_id, event_id, endpoint_id)
       where coalesce(d.tries, -1) <> coalesce(t.made, 0) or t.newest <> t.made`,
  },
  {
    name: "acknowledged-left-alone",
    sentence: "An acknowledged delivery is never sent again by itself.",
    finds: sql`
      select d.account_id, d.event_id, d.endpoint_id, min(t.try) as acknowledged, d.tries
        from deliveries d join delivery_tries t using (account_id, event_id, endpoint_id)
       where t.status_code between 200 and 299 and t.try > d.resent_after
       group by d.account_id, d.event_id, d.endpoint_id, d.tries having min(t.try) <> d.tries`,
  },
  {
    name: "delivered-is-acknowledged",
    sentence: "A delivery is delivered exactly when its last try was acknowledged with a 2xx.",
    finds: sql`
      select d.account_id, d.event_id, d.endpoint_id, d.status, t.status_code
        from deliveries d
        left join delivery_tries t on t.account_id = d.account_id and t.event_id = d.event_id
             and t.endpoint_id = d.endpoint_id and t.try = d.tries
       where case when d.status = 'delivered' then t.status_code not between 200 and 299 or t.status_code is null
                  else t.status_code between 200 and 299 and d.tries > d.resent_after end`,
  },
  {
    name: "nothing-forgotten",
    sentence:
      "An unacknowledged delivery is tried again within a day and a tenth of the last try, up to ten tries, unless its endpoint is disabled.",
    finds: sql`
      select d.account_id, d.event_id, d.endpoint_id, d.status, d.tries, d.due_at
        from deliveries d
        left join webhook_endpoints e on e.account_id = d.account_id and e.endpoint_id = d.endpoint_id
        left join delivery_tries t on t.account_id = d.account_id and t.event_id = d.event_id
             and t.endpoint_id = d.endpoint_id and t.try = d.tries
       where (d.status = 'failed' and d.tries - d.resent_after < 10 and e.enabled
              and d.created_at > e.subscribed_since + interval '1 minute')
          or (d.status = 'pending' and d.tries > d.resent_after and d.due_at > t.tried_at + interval '27 hours')
          or (d.status = 'pending' and d.tries - d.resent_after >= 10)`,
  },
  {
    name: "tries-keep-the-schedule",
    sentence: "No try comes earlier after the one before than the contract's schedule says.",
    finds: sql`
      select d.account_id, d.event_id, d.endpoint_id, t.try, t.tried_at, before.tried_at as tried_before
        from deliveries d
        join delivery_tries t using (account_id, event_id, endpoint_id)
        join delivery_tries before on before.account_id = d.account_id and before.event_id = d.event_id
             and before.endpoint_id = d.endpoint_id and before.try = t.try - 1
       where before.try > d.resent_after
         and t.tried_at < before.tried_at + (array['5 s', '5 min', '30 min', '2 h', '5 h', '10 h', '14 h', '20 h', '24 h']
                                             ::interval[])[before.try - d.resent_after]`,
  },
];
