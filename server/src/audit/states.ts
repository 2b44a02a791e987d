/** States: no intent, charge or subscription stands where no arrow leads to. */
import sql from "sql-template-tag";
import type { Rule } from "./rule.ts";

export const STATES: readonly Rule[] = [
  {
    name: "intent-follows-its-charge",
    sentence:
      "An intent is processing, requires action or succeeded exactly while its charge is pending, challenged or succeeded.",
    finds: sql`
      select i.account_id, i.intent_id, i.status, i.charge_id, c.status as charge_status
        from intents i
        left join charges c on c.account_id = i.account_id and c.intent_id = i.intent_id and c.cycle = 0
             and c.status not in ('failed', 'late')
       where (i.status, i.charge_id, i.paid_at) is distinct from
             (case c.status when 'pending' then 'processing' when 'requires_action' then 'requires_action'
                            when 'succeeded' then 'succeeded' else i.status end,
              c.charge_id, case when c.status = 'succeeded' then c.settled_at end)`,
  },
  {
    name: "failures-counted",
    sentence:
      "An intent counts each refused or abandoned charge of its first payment, and is failed exactly at the tenth.",
    finds: sql`
      select i.account_id, i.intent_id, i.status, i.failed_charges, coalesce(c.refused, 0) as refused
        from intents i
        left join (select account_id, intent_id, count(*) filter (where status = 'failed') as refused,
                          count(*) as with_late
                     from charges
                    where cycle = 0 and (status = 'late' or failure_reason not in ('canceled', 'expired'))
                    group by account_id, intent_id) c using (account_id, intent_id)
       where i.failed_charges not between coalesce(c.refused, 0) and coalesce(c.with_late, 0)
          or (i.status = 'failed') <> (i.failed_charges = 10)`,
  },
  {
    name: "given-up-with-the-intent",
    sentence:
      "A charge is given up as canceled or expired only together with its intent, or its subscription.",
    finds: sql`
      select c.account_id, c.charge_id, c.failure_reason, i.status
        from charges c
        join intents i using (account_id, intent_id)
        left join subscriptions s using (account_id, subscription_id)
       where (c.failure_reason = 'canceled' and c.cycle = 0 and i.status <> 'cancelled')
          or (c.failure_reason = 'expired' and (c.cycle > 0 or i.status <> 'expired'))
          or (c.failure_reason = 'canceled' and c.cycle > 0 and s.status is distinct from 'cancelled')`,
  },
  {
    name: "no-charge-after-expiry",
    sentence: "No first payment is begun once its intent's time is up.",
    finds: sql`
      select c.account_id, c.charge_id, c.created_at, i.expires_at
        from charges c join intents i using (account_id, intent_id)
       where c.cycle = 0 and c.created_at >= i.expires_at`,
  },
  {
    name: "charge-follows-its-intent",
    sentence:
      "A charge is over the amount of its intent, and a renewal belongs to the intent's own subscription.",
    finds: sql`
      select c.account_id, c.charge_id, c.amount, c.currency, i.amount as intent_amount
        from charges c
        join intents i using (account_id, intent_id)
        left join subscriptions s on s.account_id = c.account_id and s.subscription_id = c.subscription_id
       where (c.amount, c.currency) is distinct from (i.amount, i.currency)
          or (c.cycle > 0 and s.intent_id is distinct from c.intent_id)`,
  },
  {
    name: "subscription-per-paid-intent",
    sentence:
      "Exactly the paid recurring intents have a subscription: one, of the intent's own terms, and of its customer.",
    finds: sql`
      select coalesce(i.account_id, s.account_id) as account_id, i.intent_id, s.subscription_id
        from (select account_id, intent_id, customer_id, currency, amount, interval_days from intents
               where type = 'recurring' and status = 'succeeded') i
        full join subscriptions s on s.account_id = i.account_id and s.intent_id = i.intent_id
       where (s.amount, s.currency, s.interval_days, s.customer_id)
             is distinct from (i.amount, i.currency, i.interval_days, i.customer_id)`,
  },
  {
    name: "subscription-follows-its-charge",
    sentence: "A renewal is under way exactly where its subscription waits for it.",
    finds: sql`
      select coalesce(s.account_id, c.account_id) as account_id, s.subscription_id, s.charge_id as waits_for, c.charge_id
        from (select account_id, subscription_id, charge_id from subscriptions where charge_id is not null) s
        full join (select account_id, subscription_id, charge_id, status from charges
                    where cycle > 0 and status in ('pending', 'requires_action')) c
             on c.account_id = s.account_id and c.subscription_id = s.subscription_id and c.charge_id = s.charge_id
       where s.subscription_id is null or c.status is distinct from 'pending'`,
  },
  {
    name: "current-cycle-is-paid",
    sentence: "A subscription's current cycle is the newest that was paid.",
    finds: sql`
      select s.account_id, s.subscription_id, s.current_cycle, coalesce(c.newest, 0) as newest_paid
        from subscriptions s
        left join (select account_id, subscription_id, max(cycle) as newest from charges
                    where cycle > 0 and status = 'succeeded' group by account_id, subscription_id) c
             using (account_id, subscription_id)
       where s.current_cycle <> coalesce(c.newest, 0)`,
  },
  {
    name: "due-on-schedule",
    sentence:
      "An active subscription is due at its anchor and a whole number of intervals; one in debt 1, 3, 5 or 7 days after the debt.",
    finds: sql`
      select account_id, subscription_id, status, due_at, anchor_at, current_cycle, debt_cycle from subscriptions
       where (status = 'active' and due_at <> anchor_at + make_interval(hours => 24 * interval_days * (current_cycle + 1)))
          or (status = 'past_due' and due_at is not null
              and due_at - (anchor_at + make_interval(hours => 24 * interval_days * debt_cycle))
                  not in (interval '24 hours', interval '72 hours', interval '120 hours', interval '168 hours'))`,
  },
  {
    name: "debt-was-refused",
    sentence:
      "A subscription is past due or unpaid only where a charge of the cycle that it owes was refused.",
    finds: sql`
      select s.account_id, s.subscription_id, s.status, s.debt_cycle from subscriptions s
       where s.debt_cycle is not null
         and not exists (select 1 from charges c where c.account_id = s.account_id
                            and c.subscription_id = s.subscription_id and c.cycle = s.debt_cycle
                            and c.status in ('failed', 'late'))`,
  },
  {
    name: "renewal-not-early",
    sentence: "No cycle is charged before it is due.",
    finds: sql`
      select c.account_id, c.charge_id, c.subscription_id, c.cycle, c.created_at
        from charges c join subscriptions s using (account_id, subscription_id)
       where c.created_at < s.anchor_at + make_interval(hours => 24 * s.interval_days * c.cycle)`,
  },
  {
    name: "cancelled-begins-no-charge",
    sentence: "No charge is begun for a subscription after it was cancelled.",
    finds: sql`
      select c.account_id, c.charge_id, c.subscription_id, c.created_at, s.cancelled_at
        from charges c join subscriptions s using (account_id, subscription_id)
       where c.created_at > s.cancelled_at`,
  },
  {
    name: "key-answers-hold",
    sentence: "What an answer kept under an Idempotency-Key says is there, in the account of the key.",
    finds: sql`
      select k.account_id, k.key, told.what, told.id
        from idempotency_keys k,
             lateral (select m[1] as what, m[2]::uuid as id from regexp_matches(
               k.answer, '"(intent_id|subscription_id|refund_id)":"(?:pi|sub|re)_([0-9a-f-]{36})"', 'g') as m) told
       where not case told.what
                 when 'intent_id' then exists (select 1 from intents i where i.account_id = k.account_id and i.intent_id = told.id)
                 when 'refund_id' then exists (select 1 from refunds r where r.account_id = k.account_id and r.refund_id = told.id)
                 else exists (select 1 from subscriptions s where s.account_id = k.account_id and s.subscription_id = told.id) end`,
  },
  {
    name: "one-effect-per-key",
    sentence: "What was created under one Idempotency-Key was not created under another.",
    finds: sql`
      select account_id, created, array_agg(key) as keys
        from (select account_id, key,
                     coalesce(substring(answer from '"refund_id":"(re_[0-9a-f-]{36})"'),
                              case when answer like '%"payment_url":%'
                                   then substring(answer from '"intent_id":"(pi_[0-9a-f-]{36})"') end) as created
                from idempotency_keys) k
       where created is not null
       group by account_id, created having count(*) > 1`,
  },
  {
    name: "no-card-numbers",
    sentence: "No card number is in the processor's vault, nor in the charges.",
    finds: sql`
      select m.account_id, m.token from sandbox.methods m
       where row(m.brand, m.last4, m.behaviour)::text ~ '[0-9]{8}'
      union all
      select c.account_id, c.method_token from charges c
       where row(c.card_brand, c.card_last4, c.failure_reason)::text ~ '[0-9]{8}'`,
  },
];
