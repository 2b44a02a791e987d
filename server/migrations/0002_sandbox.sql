-- The sandbox processor's own books. It is another party that happens to live in the same database: nothing of the
-- platform's joins these tables, and no card number or code is ever in them. Its times are wall time: a test clock is
-- the platform's own affair.

create schema sandbox;

create table sandbox.methods (
  account_id   uuid        not null,
  token        text        not null,
  behaviour    text        not null,
  brand        text        not null,
  last4        text        not null check (last4 ~ '^[0-9]{4}$'),
  exp_month    smallint    not null check (exp_month between 1 and 12),
  exp_year     smallint    not null check (exp_year between 2000 and 9999),
  successes    integer     not null default 0 check (successes >= 0),
  created_at   timestamptz not null,
  primary key (account_id, token)
);
comment on table sandbox.methods is 'The vault: what a token stands for.';
comment on column sandbox.methods.behaviour is 'What the test card does; the number itself is forgotten.';
comment on column sandbox.methods.successes is 'Payments that succeeded: a card may do well at first and be declined later.';

create table sandbox.payments (
  account_id       uuid        not null,
  idempotency_key  uuid        not null,
  payment_ref      text        not null,
  token            text        not null,
  off_session      boolean     not null,
  currency         text        not null,
  amount           bigint      not null check (amount > 0),
  refunded         bigint      not null default 0 check (refunded between 0 and amount),
  description      text        not null,
  status           text        not null check (status in ('challenge_open', 'challenge_passed', 'succeeded', 'declined', 'voided')),
  decline_reason   text,
  return_url       text,
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  primary key (account_id, idempotency_key),
  unique (account_id, payment_ref),
  foreign key (account_id, token) references sandbox.methods,
  check ((status = 'declined') = (decline_reason is not null)),
  check (status not in ('challenge_open', 'challenge_passed', 'voided') or return_url is not null),
  check (refunded = 0 or status = 'succeeded')
);
comment on column sandbox.payments.payment_ref is 'The account''s id and 16 random bytes: the address of a challenge ends with it.';
comment on column sandbox.payments.status is 'The money moved if, and only if, it is succeeded; succeeded, declined and voided are final.';
comment on column sandbox.payments.return_url is 'Where the challenge sends the customer back to; null where there was none.';

create table sandbox.refunds (
  account_id       uuid        not null,
  refund_key       text        not null,
  idempotency_key  uuid        not null,
  refund_ref       text        not null,
  currency         text        not null,
  amount           bigint      not null check (amount > 0),
  status           text        not null check (status in ('succeeded', 'failed')),
  failure          text,
  created_at       timestamptz not null,
  primary key (account_id, refund_key),
  foreign key (account_id, idempotency_key) references sandbox.payments,
  check ((status = 'failed') = (failure is not null))
);
comment on column sandbox.refunds.idempotency_key is 'Of the payment that is refunded.';
