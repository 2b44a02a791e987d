/** Money: charged once, refunded within bounds, and the same in our books, the ledger and the other party's. */
import sql from "sql-template-tag";
import type { Rule } from "./rule.ts";

export const MONEY: readonly Rule[] = [
  {
    name: "intent-charged-once",
    sentence: "An intent's first payment has at most one charge that succeeded or still may.",
    finds: sql`
      select account_id, intent_id, array_agg(charge_id) as charge_ids from charges
       where cycle = 0 and status not in ('failed', 'late')
       group by account_id, intent_id having count(*) > 1`,
  },
  {
    name: "cycle-charged-once",
    sentence: "A subscription's cycle has at most one charge that succeeded or still may.",
    finds: sql`
      select account_id, intent_id, cycle, array_agg(charge_id) as charge_ids from charges
       where cycle > 0 and status not in ('failed', 'late')
       group by account_id, intent_id, cycle having count(*) > 1`,
  },
  {
    name: "charge-moved-the-money",
    sentence: "A charge that succeeded moved its amount at the processor, to the minor unit.",
    finds: sql`
      select c.account_id, c.charge_id, c.status, c.amount, p.amount as moved, p.status as processor_says
        from charges c
        left join sandbox.payments p on p.account_id = c.account_id and p.idempotency_key = c.attempt_key
       where c.processor = 'sandbox' and c.status in ('succeeded', 'late')
         and (p.status, p.amount, p.currency) is distinct from ('succeeded', c.amount, c.currency)`,
  },
  {
    name: "moved-money-is-booked",
    sentence:
      "Money that moved at the processor belongs to a charge that succeeded, or is still asked after.",
    finds: sql`
      select p.account_id, p.idempotency_key as attempt_key, p.amount, c.charge_id, c.status
        from sandbox.payments p
        left join charges c on c.account_id = p.account_id and c.attempt_key = p.idempotency_key
       where p.status = 'succeeded' and (c.status is null or (c.status = 'failed' and c.look_up_at is null))`,
  },
  {
    name: "totals-agree",
    sentence:
      "For an account with nothing in flight, what the processor moved less its refunds is what the ledger says, in each currency.",
    finds: sql`
      select account_id, currency, coalesce(p.moved, 0) as processor_says, coalesce(l.booked, 0) as ledger_says
        from (select account_id, currency, sum(amount - refunded) as moved from sandbox.payments
               where status = 'succeeded' group by account_id, currency) p
        full join (select account_id, l.currency, sum(l.amount) as booked
                     from ledger_entries l join charges c using (account_id, charge_id)
                    where l.book = 'processor' and c.processor = 'sandbox' group by account_id, l.currency) l
             using (account_id, currency)
       where coalesce(p.moved, 0) <> coalesce(l.booked, 0)
         and not exists (select 1 from charges c where c.account_id in (p.account_id, l.account_id)
                            and c.look_up_at is not null)
         and not exists (select 1 from refunds r where r.account_id in (p.account_id, l.account_id)
                            and r.status = 'pending')`,
  },
  {
    name: "refunds-within-the-charge",
    sentence:
      "What is refunded of a charge, or about to be, is what its refunds add up to, and never more than it.",
    finds: sql`
      select c.account_id, c.charge_id, c.amount, c.refunded, coalesce(r.total, 0) as refunds
        from charges c
        left join (select account_id, charge_id, sum(amount) as total from refunds
                    where status <> 'failed' group by account_id, charge_id) r using (account_id, charge_id)
       where c.refunded <> coalesce(r.total, 0) or c.refunded > c.amount`,
  },
  {
    name: "processor-refunds-within-the-payment",
    sentence: "At the processor too, refunds never exceed their payment.",
    finds: sql`
      select p.account_id, p.idempotency_key as attempt_key, p.amount, p.refunded, coalesce(r.total, 0) as refunds
        from sandbox.payments p
        left join (select account_id, idempotency_key, sum(amount) as total from sandbox.refunds
                    where status = 'succeeded' group by account_id, idempotency_key) r using (account_id, idempotency_key)
       where p.refunded <> coalesce(r.total, 0) or p.refunded > p.amount`,
  },
  {
    name: "refund-moved-the-money",
    sentence: "A refund that succeeded was made at the processor, once and to the minor unit.",
    finds: sql`
      select r.account_id, r.refund_id, r.amount, s.amount as moved, s.status as processor_says
        from refunds r
        join charges c on c.account_id = r.account_id and c.charge_id = r.charge_id and c.processor = 'sandbox'
        left join sandbox.refunds s on s.account_id = r.account_id and s.refund_key = r.refund_id::text
       where r.status = 'succeeded'
         and (s.status, s.amount, s.currency, s.idempotency_key)
             is distinct from ('succeeded', r.amount, r.currency, c.attempt_key)`,
  },
  {
    name: "refunded-money-is-booked",
    sentence: "A refund made at the processor is ours and succeeded, or is still asked after.",
    finds: sql`
      select s.account_id, s.refund_key, s.amount, r.status
        from sandbox.refunds s
        left join refunds r on r.account_id = s.account_id and r.refund_id::text = s.refund_key
       where s.status = 'succeeded' and (r.status is null or r.status = 'failed')`,
  },
  {
    name: "late-success-goes-back",
    sentence:
      "Money that moved after its attempt had been given up is refunded in full, without anybody asking.",
    finds: sql`
      select c.account_id, c.charge_id, c.amount from charges c
       where c.status = 'late'
         and not exists (select 1 from refunds r where r.account_id = c.account_id and r.charge_id = c.charge_id
                            and r.reason = 'late_success' and r.amount = c.amount)`,
  },
  {
    name: "postings-balance",
    sentence: "Double entry: the lines of each posting are two, in one currency, and sum to zero.",
    finds: sql`
      select account_id, charge_id, kind, source_id, sum(amount) as sum, count(*) as lines from ledger_entries
       group by account_id, charge_id, kind, source_id
      having sum(amount) <> 0 or count(*) <> 2 or count(distinct currency) <> 1 or count(distinct book) <> 2`,
  },
  {
    name: "accounts-sum-to-zero",
    sentence: "Each account's ledger entries sum to zero in each currency.",
    finds: sql`
      select account_id, currency, sum(amount) as sum from ledger_entries
       group by account_id, currency having sum(amount) <> 0`,
  },
  {
    name: "charges-posted-once",
    sentence: "Every charge that succeeded is posted once, with its amount, and no other charge is.",
    finds: sql`
      select c.account_id, c.charge_id, c.status, c.amount, l.amount as posted
        from charges c
        left join ledger_entries l on l.account_id = c.account_id and l.charge_id = c.charge_id
             and l.kind = 'charge' and l.book = 'processor'
       where case when c.status in ('succeeded', 'late')
                  then (l.amount, l.currency, l.source_id) is distinct from (c.amount, c.currency, c.attempt_key)
                  else l.amount is not null end`,
  },
  {
    name: "refunds-posted-once",
    sentence:
      "Every refund that succeeded is posted once, with its amount, and nothing else takes back from a charge.",
    finds: sql`
      select coalesce(r.account_id, l.account_id) as account_id, r.refund_id, l.charge_id, l.kind, l.source_id, l.amount
        from refunds r
        full join (select account_id, charge_id, kind, source_id, currency, amount from ledger_entries
                    where kind <> 'charge' and book = 'processor') l
             on l.account_id = r.account_id and l.source_id = r.refund_id
       where case when r.status = 'succeeded'
                  then (l.kind, l.charge_id, l.currency, l.amount)
                       is distinct from ('refund', r.charge_id, r.currency, -r.amount)
                  else l.amount is not null end`,
  },
];
