-- The platform's tables, in the order of the nouns. Rules that hold for all of them (ARCHITECTURE.md):
--
--   * account_id stands first in every primary key, unique constraint and foreign key, so that the schema can be
--     distributed by account. Three small tables are not distributed: accounts, clients, charge_id_blocks.
--   * A merchant's test and live books are two accounts, so nothing of one mode can reach the other's.
--   * Times are the account's time (its clock may be moved in test mode), but for leases, keys and secrets: wall time.
--   * A state carries what exists in it: the check constraints mirror the unions in src/domain.
--   * Rows are the queue: a column named …_at with a partial index says when a row is due.

-- accounts ------------------------------------------------------------------------------------------------------------

create table accounts (
  account_id      uuid        not null primary key,
  merchant_id     uuid        not null,
  mode            text        not null check (mode in ('test', 'live')),
  name            text        not null,
  clock_offset_us bigint      not null default 0 check (clock_offset_us >= 0),
  clock_frozen_at timestamptz,
  clock_lease_until timestamptz,
  created_at      timestamptz not null,
  unique (merchant_id, mode),
  check (mode = 'test' or clock_offset_us = 0),
  check ((clock_frozen_at is null) = (clock_lease_until is null))
);
comment on column accounts.clock_offset_us is 'Microseconds by which the account''s clock runs ahead of the wall clock. Test mode only.';
comment on column accounts.clock_frozen_at is 'The account''s time while an advance is under way: it stands still at each thing that is due.';
comment on column accounts.clock_lease_until is 'Wall time until which one advance owns the account; the worker leaves it alone meanwhile.';

create table clients (
  client_id     text        not null primary key check (length(client_id) between 1 and 255),
  account_id    uuid        not null references accounts,
  secret_sha256 bytea       not null check (octet_length(secret_sha256) = 32),
  permissions   text[]      not null,
  name          text        not null,
  created_at    timestamptz not null,
  revoked_at    timestamptz
);

create table idempotency_keys (
  account_id  uuid        not null,
  key         text        not null check (length(key) between 1 and 255),
  fingerprint bytea       not null check (octet_length(fingerprint) = 32),
  answer      text,
  resume      text,
  created_at  timestamptz not null,
  primary key (account_id, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
comment on column idempotency_keys.answer is 'The first answer''s body, byte for byte; null while the command is under way.';
comment on column idempotency_keys.resume is 'What a command that outlives its first transaction needs to go on after a crash.';
comment on column idempotency_keys.created_at is 'Wall time: keys are remembered for 24 hours.';

-- customers -----------------------------------------------------------------------------------------------------------

create table customers (
  account_id      uuid        not null,
  customer_id     uuid        not null,
  identity        text        not null,
  customer_ref_id text,
  email           text        not null,
  name            text        not null,
  created_at      timestamptz not null,
  primary key (account_id, customer_id),
  unique (account_id, identity)
);
comment on column customers.identity is 'Who is one customer: "ref:" and the merchant''s id where one was given, else "email:" and the address in lower case.';

-- intents -------------------------------------------------------------------------------------------------------------

create table intents (
  account_id       uuid        not null,
  intent_id        uuid        not null,
  pay_secret       bytea       not null check (octet_length(pay_secret) = 16),
  customer_id      uuid        not null,
  reference_id     text        not null,
  customer_ref_id  text,
  email            text        not null,
  name             text        not null,
  integration_type text        not null check (integration_type in ('iframe', 'url')),
  success_url      text,
  cancel_url       text,
  type             text        not null check (type in ('one_time', 'recurring')),
  interval_days    integer     check (interval_days between 1 and 3650),
  currency         text        not null,
  amount           bigint      not null check (amount > 0),
  tax              bigint      not null check (tax >= 0),
  discount         bigint      not null check (discount >= 0),
  order_items      json        not null,
  metadata         json        not null,
  status           text        not null check (status in ('requires_payment', 'processing', 'requires_action', 'succeeded', 'failed', 'cancelled', 'expired')),
  charge_id        bigint,
  failed_charges   smallint    not null default 0 check (failed_charges between 0 and 10),
  paid_at          timestamptz,
  created_at       timestamptz not null,
  expires_at       timestamptz not null,
  primary key (account_id, intent_id),
  unique (account_id, reference_id),
  check ((type = 'recurring') = (interval_days is not null)),
  check (integration_type = 'iframe' or (success_url is not null and cancel_url is not null)),
  check ((status in ('processing', 'requires_action', 'succeeded')) = (charge_id is not null)),
  check ((status = 'succeeded') = (paid_at is not null))
);
create index intents_due on intents (expires_at) where status in ('requires_payment', 'requires_action');
comment on column intents.pay_secret is 'The unguessable part of the payment link, whose token also carries account and intent.';
comment on column intents.charge_id is 'The charge under way, or the one that paid.';

-- charges -------------------------------------------------------------------------------------------------------------

create table charge_id_blocks (
  only_row boolean not null primary key default true check (only_row),
  next_id  bigint  not null check (next_id between 1 and 9007199254740991)
);
insert into charge_id_blocks (next_id) values (1);
comment on table charge_id_blocks is 'Charge ids are drawn in blocks, unique on the whole platform. Not distributed.';

create table charges (
  account_id      uuid        not null,
  charge_id       bigint      not null,
  intent_id       uuid        not null,
  subscription_id uuid,
  cycle           integer     not null check (cycle >= 0),
  currency        text        not null,
  amount          bigint      not null check (amount > 0),
  processor       text        not null,
  attempt_key     uuid        not null,
  method_token    text        not null,
  card_brand      text        not null,
  card_last4      text        not null,
  card_exp_month  smallint    not null,
  card_exp_year   smallint    not null,
  status          text        not null check (status in ('pending', 'requires_action', 'succeeded', 'failed')),
  resumed         boolean     not null default false,
  processor_ref   text,
  challenge_url   text,
  failure_reason  text,
  look_up_at      timestamptz,
  look_ups        integer     not null default 0,
  lease_until     timestamptz,
  created_at      timestamptz not null,
  settled_at      timestamptz,
  primary key (account_id, charge_id),
  foreign key (account_id, intent_id) references intents,
  check ((cycle = 0) = (subscription_id is null)),
  check ((status in ('pending', 'requires_action')) = (look_up_at is not null)),
  check ((status in ('pending', 'requires_action')) = (settled_at is null)),
  check ((status = 'requires_action') = (challenge_url is not null)),
  check ((status = 'failed') = (failure_reason is not null))
);
create unique index charges_one_per_cycle on charges (account_id, intent_id, cycle) where status <> 'failed';
create index charges_of_intent on charges (account_id, intent_id, charge_id);
create index charges_due on charges (look_up_at) where look_up_at is not null;
comment on index charges_one_per_cycle is 'Never twice: an intent has at most one charge that succeeded or still may, and so has each cycle of its subscription.';
comment on column charges.attempt_key is 'Our idempotency key at the processor: the same attempt, however often it is sent.';
comment on column charges.resumed is 'The customer is back from the challenge: the processor is to complete the attempt.';
comment on column charges.look_up_at is 'When to ask the processor what became of the attempt; for a challenge, when it counts as abandoned.';
comment on column charges.lease_until is 'Wall time until which one worker is asking.';

-- subscriptions -------------------------------------------------------------------------------------------------------

create table subscriptions (
  account_id      uuid        not null,
  subscription_id uuid        not null,
  intent_id       uuid        not null,
  customer_id     uuid        not null,
  currency        text        not null,
  amount          bigint      not null check (amount > 0),
  interval_days   integer     not null check (interval_days between 1 and 3650),
  processor       text        not null,
  method_token    text        not null,
  card_brand      text        not null,
  card_last4      text        not null,
  card_exp_month  smallint    not null,
  card_exp_year   smallint    not null,
  anchor_at       timestamptz not null,
  status          text        not null check (status in ('active', 'past_due', 'unpaid', 'cancelled')),
  current_cycle   integer     not null check (current_cycle >= 0),
  debt_cycle      integer     check (debt_cycle > current_cycle),
  charge_id       bigint,
  due_at          timestamptz,
  created_at      timestamptz not null,
  cancelled_at    timestamptz,
  primary key (account_id, subscription_id),
  unique (account_id, intent_id),
  foreign key (account_id, intent_id) references intents,
  check ((status = 'cancelled') = (cancelled_at is not null)),
  check ((status in ('past_due', 'unpaid')) = (debt_cycle is not null)),
  check (status <> 'unpaid' or charge_id is null),
  check ((status in ('active', 'past_due') and charge_id is null) = (due_at is not null))
);
create index subscriptions_newest on subscriptions (account_id, created_at desc, subscription_id desc);
create index subscriptions_due on subscriptions (due_at) where due_at is not null;
comment on column subscriptions.current_cycle is 'The newest cycle that was paid; 0 is the first payment.';
comment on column subscriptions.debt_cycle is 'The cycle whose refused charge opened the debt: its due time sets the retries.';
comment on column subscriptions.charge_id is 'The renewal under way.';
comment on column subscriptions.due_at is 'When the next charge is to be tried; null while one is under way and when none will be.';

-- ledger --------------------------------------------------------------------------------------------------------------

create table ledger_entries (
  account_id uuid        not null,
  charge_id  bigint      not null,
  kind       text        not null check (kind in ('charge', 'refund', 'reversal')),
  source_id  uuid        not null,
  book       text        not null check (book in ('processor', 'merchant')),
  currency   text        not null,
  amount     bigint      not null check (amount <> 0),
  created_at timestamptz not null,
  primary key (account_id, charge_id, kind, source_id, book),
  foreign key (account_id, charge_id) references charges
);
comment on table ledger_entries is 'Double entry: the two lines of one source sum to zero. Minor units; what the processor owes us is positive.';
comment on column ledger_entries.source_id is 'What moved the money: the charge''s attempt key, or the refund''s id.';

-- events --------------------------------------------------------------------------------------------------------------

create table events (
  account_id      uuid        not null,
  event_id        uuid        not null,
  intent_id       uuid        not null,
  seq             integer     not null check (seq > 0),
  type            text        not null,
  subscription_id uuid,
  charge_id       bigint,
  body            text        not null,
  created_at      timestamptz not null,
  primary key (account_id, event_id),
  unique (account_id, intent_id, seq)
);
comment on column events.seq is 'The order of happening within one intent, from 1.';
comment on column events.body is 'What every delivery sends, byte for byte.';

-- webhooks ------------------------------------------------------------------------------------------------------------

create table webhook_endpoints (
  account_id             uuid        not null,
  endpoint_id            uuid        not null,
  url                    text        not null,
  events                 text[],
  secret                 bytea       not null,
  previous_secret        bytea,
  previous_secret_until  timestamptz,
  from_environment       boolean     not null,
  enabled                boolean     not null,
  disabled_reason        text,
  failing_since          timestamptz,
  created_at             timestamptz not null,
  primary key (account_id, endpoint_id),
  check ((previous_secret is null) = (previous_secret_until is null)),
  check (enabled = (disabled_reason is null))
);
comment on column webhook_endpoints.events is 'The event types it wants; null for all.';
comment on column webhook_endpoints.secret is 'AES-256-GCM under MINTRO_SECRET_KEY.';
comment on column webhook_endpoints.previous_secret_until is 'Wall time until which the secret before a rotation signs too.';
comment on column webhook_endpoints.failing_since is 'The first failed try since the last success; five days of it disable the endpoint.';

create table deliveries (
  account_id  uuid        not null,
  event_id    uuid        not null,
  endpoint_id uuid        not null,
  intent_id   uuid        not null,
  seq         integer     not null,
  status      text        not null check (status in ('pending', 'delivered', 'failed')),
  tries       integer     not null default 0,
  due_at      timestamptz,
  lease_until timestamptz,
  created_at  timestamptz not null,
  primary key (account_id, event_id, endpoint_id),
  check ((status = 'pending') = (due_at is not null))
);
create index deliveries_due on deliveries (due_at) where due_at is not null;
create index deliveries_waiting on deliveries (account_id, intent_id, endpoint_id, seq) where due_at is not null;
create index deliveries_of_endpoint on deliveries (account_id, endpoint_id) where due_at is not null;

create table delivery_tries (
  account_id     uuid        not null,
  event_id       uuid        not null,
  endpoint_id    uuid        not null,
  try            integer     not null check (try > 0),
  tried_at       timestamptz not null,
  duration_ms    integer     not null,
  status_code    integer,
  error          text,
  response_start text        not null,
  primary key (account_id, event_id, endpoint_id, try)
);
