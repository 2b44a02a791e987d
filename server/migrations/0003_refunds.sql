-- Refunds: the merchant's, and those of payments that succeeded too late. What is refunded of a charge, or reserved to be,
-- stands on the charge, so that one compare-and-set guards that it is never more than was paid.

alter table charges add column refunded bigint not null default 0;
alter table charges add constraint charges_refunded_check check (refunded between 0 and amount);
alter table charges drop constraint charges_status_check;
alter table charges add constraint charges_status_check
  check (status in ('pending', 'requires_action', 'succeeded', 'failed', 'late'));
alter table charges add constraint charges_refundable_check check (refunded = 0 or status in ('succeeded', 'late'));
drop index charges_one_per_cycle;
create unique index charges_one_per_cycle on charges (account_id, intent_id, cycle) where status not in ('failed', 'late');
comment on index charges_one_per_cycle is 'Never twice: an intent has at most one charge that succeeded or still may, and so has each cycle of its subscription.';
comment on column charges.status is 'late: it succeeded after its attempt had been given up, and is refunded by itself.';
comment on column charges.refunded is 'Minor units refunded, or reserved by refunds under way.';

create table refunds (
  account_id    uuid        not null,
  refund_id     uuid        not null,
  intent_id     uuid        not null,
  charge_id     bigint      not null,
  currency      text        not null,
  amount        bigint      not null check (amount > 0),
  reason        text,
  status        text        not null check (status in ('pending', 'succeeded', 'failed')),
  processor_ref text,
  failure       text,
  look_up_at    timestamptz,
  look_ups      integer     not null default 0,
  lease_until   timestamptz,
  created_at    timestamptz not null,
  settled_at    timestamptz,
  primary key (account_id, refund_id),
  foreign key (account_id, charge_id) references charges,
  check ((status = 'pending') = (look_up_at is not null)),
  check ((status = 'pending') = (settled_at is null)),
  check ((status = 'succeeded') <= (processor_ref is not null)),
  check ((status = 'failed') = (failure is not null))
);
create index refunds_of_charge on refunds (account_id, charge_id);
create index refunds_due on refunds (look_up_at) where look_up_at is not null;
comment on column refunds.refund_id is 'Also our idempotency key at the processor.';
comment on column refunds.look_up_at is 'When to ask the processor to make it, or what became of it.';
