-- The schema after all migrations, read from the catalogs of a database that they were run on.
-- Written by `npx node tools/dump-schema.ts` and compared by `npm run check`. For reading: what runs is migrations/.

create schema sandbox;

create table accounts (
  account_id         uuid                      not null,
  merchant_id        uuid                      not null,
  mode               text                      not null,
  name               text                      not null,
  -- Microseconds by which the account's clock runs ahead of the wall clock. Test mode only.
  clock_offset_us    bigint                    not null default 0,
  -- The account's time while an advance is under way: it stands still at each thing that is due.
  clock_frozen_at    timestamp with time zone,
  -- Wall time until which one advance owns the account; the worker leaves it alone meanwhile.
  clock_lease_until  timestamp with time zone,
  created_at         timestamp with time zone  not null,
  constraint accounts_pkey primary key (account_id),
  constraint accounts_merchant_id_mode_key unique (merchant_id, mode),
  constraint accounts_check check (mode = 'test'::text or clock_offset_us = 0),
  constraint accounts_check1 check ((clock_frozen_at is null) = (clock_lease_until is null)),
  constraint accounts_clock_offset_us_check check (clock_offset_us >= 0),
  constraint accounts_live_clock_check check (mode = 'test'::text or clock_frozen_at is null),
  constraint accounts_mode_check check (mode = any (array['test'::text, 'live'::text]))
);

-- Charge ids are drawn in blocks, unique on the whole platform. Not distributed.
create table charge_id_blocks (
  only_row  boolean  not null default true,
  next_id   bigint   not null,
  constraint charge_id_blocks_pkey primary key (only_row),
  constraint charge_id_blocks_next_id_check check (next_id >= 1 and next_id <= '9007199254740991'::bigint),
  constraint charge_id_blocks_only_row_check check (only_row)
);

create table charges (
  account_id       uuid                      not null,
  charge_id        bigint                    not null,
  intent_id        uuid                      not null,
  subscription_id  uuid,
  cycle            integer                   not null,
  currency         text                      not null,
  amount           bigint                    not null,
  processor        text                      not null,
  -- Our idempotency key at the processor: the same attempt, however often it is sent.
  attempt_key      uuid                      not null,
  method_token     text                      not null,
  card_brand       text,
  card_last4       text,
  card_exp_month   smallint,
  card_exp_year    smallint,
  -- late: it succeeded after its attempt had been given up, and is refunded by itself.
  status           text                      not null,
  -- The customer is back from the challenge: the processor is to complete the attempt.
  resumed          boolean                   not null default false,
  processor_ref    text,
  challenge_url    text,
  failure_reason   text,
  -- When to ask the processor what became of the attempt; for a challenge, when it counts as abandoned; for one given up, when to make sure that it is void.
  look_up_at       timestamp with time zone,
  look_ups         integer                   not null default 0,
  -- Wall time until which one worker is asking.
  lease_until      timestamp with time zone,
  created_at       timestamp with time zone  not null,
  settled_at       timestamp with time zone,
  -- Minor units refunded, or reserved by refunds under way.
  refunded         bigint                    not null default 0,
  -- Where the method is no card: the name of whoever pays for the customer.
  wallet           text,
  -- The parameters that the customer came back with from a challenge: a repeated completion needs them again.
  returned         jsonb,
  constraint charges_pkey primary key (account_id, charge_id),
  constraint charges_account_id_intent_id_fkey foreign key (account_id, intent_id) references intents(account_id, intent_id),
  constraint charges_amount_check check (amount > 0),
  constraint charges_card_exp_month_check check (card_exp_month >= 1 and card_exp_month <= 12),
  constraint charges_card_exp_year_check check (card_exp_year >= 2000 and card_exp_year <= 9999),
  constraint charges_card_last4_check check (card_last4 ~ '^[0-9]{4}$'::text),
  constraint charges_charge_id_check check (charge_id >= 1 and charge_id <= '9007199254740991'::bigint),
  constraint charges_check check ((cycle = 0) = (subscription_id is null)),
  constraint charges_check2 check ((status = any (array['pending'::text, 'requires_action'::text])) = (settled_at is null)),
  constraint charges_check3 check ((status = 'requires_action'::text) = (challenge_url is not null)),
  constraint charges_check4 check ((status = 'failed'::text) = (failure_reason is not null)),
  constraint charges_currency_check check (currency ~ '^[A-Z]{3}$'::text),
  constraint charges_cycle_check check (cycle >= 0),
  constraint charges_failure_reason_check check (failure_reason = any (array['generic_decline'::text, 'insufficient_funds'::text, 'lost_card'::text, 'stolen_card'::text, 'expired_card'::text, 'incorrect_cvc'::text, 'processing_error'::text, 'authentication_required'::text, 'authentication_failed'::text, 'authentication_abandoned'::text, 'canceled'::text, 'expired'::text])),
  constraint charges_known_check check (look_up_at is null or (status = any (array['pending'::text, 'requires_action'::text, 'failed'::text]))),
  constraint charges_look_ups_check check (look_ups >= 0),
  constraint charges_looked_up_check check (look_up_at is not null or (status <> all (array['pending'::text, 'requires_action'::text]))),
  constraint charges_method_check check (num_nonnulls(card_brand, card_last4, card_exp_month, card_exp_year) =
case
    when wallet is null then 4
    else 0
end),
  constraint charges_processor_ref_check check ((status = any (array['pending'::text, 'failed'::text])) or processor_ref is not null),
  constraint charges_refundable_check check (refunded = 0 or (status = any (array['succeeded'::text, 'late'::text]))),
  constraint charges_refunded_check check (refunded >= 0 and refunded <= amount),
  constraint charges_resumed_check check (not resumed or status = 'pending'::text),
  constraint charges_returned_check check (returned is null or resumed),
  constraint charges_status_check check (status = any (array['pending'::text, 'requires_action'::text, 'succeeded'::text, 'failed'::text, 'late'::text]))
);
create unique index charges_attempt on charges (account_id, attempt_key);
create index charges_due on charges (look_up_at) where (look_up_at is not null);
create index charges_of_intent on charges (account_id, intent_id, charge_id);
-- Never twice: an intent has at most one charge that succeeded or still may, and so has each cycle of its subscription.
create unique index charges_one_per_cycle on charges (account_id, intent_id, cycle) where (status <> all (array['failed'::text, 'late'::text]));

create table clients (
  client_id               text                      not null,
  account_id              uuid                      not null,
  secret_sha256           bytea                     not null,
  permissions             text[]                    not null,
  name                    text                      not null,
  created_at              timestamp with time zone  not null,
  revoked_at              timestamp with time zone,
  -- To the minute: written at most once a minute.
  last_used_at            timestamp with time zone,
  previous_secret_sha256  bytea,
  -- Until when the secret before the last rotation opens too.
  previous_secret_until   timestamp with time zone,
  constraint clients_pkey primary key (client_id),
  constraint clients_account_id_fkey foreign key (account_id) references accounts(account_id),
  constraint clients_client_id_check check (length(client_id) >= 1 and length(client_id) <= 255),
  constraint clients_permissions_check check (permissions <@ array['intents:read'::text, 'intents:write'::text, 'subscriptions:read'::text, 'subscriptions:write'::text, 'customers:read'::text, 'refunds:write'::text, 'webhooks:read'::text, 'webhooks:write'::text, 'events:read'::text, 'clients:write'::text, 'test:write'::text]),
  constraint clients_previous_secret_check check ((previous_secret_sha256 is null) = (previous_secret_until is null)),
  constraint clients_previous_secret_sha256_check check (octet_length(previous_secret_sha256) = 32),
  constraint clients_secret_sha256_check check (octet_length(secret_sha256) = 32)
);
create index clients_newest on clients (account_id, created_at desc, client_id desc);

create table customers (
  account_id       uuid                      not null,
  customer_id      uuid                      not null,
  -- Who is one customer: "ref:" and the merchant's id where one was given, else "email:" and the address in lower case.
  identity         text                      not null,
  customer_ref_id  text,
  email            text                      not null,
  name             text                      not null,
  created_at       timestamp with time zone  not null,
  constraint customers_pkey primary key (account_id, customer_id),
  constraint customers_account_id_identity_key unique (account_id, identity),
  constraint customers_identity_check check (customer_ref_id is null and starts_with(identity, 'email:'::text) or customer_ref_id is not null and identity = ('ref:'::text || customer_ref_id))
);
create index customers_newest on customers (account_id, created_at desc, customer_id desc);

create table deliveries (
  account_id    uuid                      not null,
  event_id      uuid                      not null,
  endpoint_id   uuid                      not null,
  intent_id     uuid                      not null,
  seq           integer                   not null,
  status        text                      not null,
  tries         integer                   not null default 0,
  due_at        timestamp with time zone,
  lease_until   timestamp with time zone,
  created_at    timestamp with time zone  not null,
  -- A fault has put the coming try off already. in_turn: the payment's later events wait for it all the same. out_of_turn: it is to arrive after the next try to its endpoint, which has not come yet.
  held          text,
  -- The tries that it had when it was last sent again: after them the schedule begins anew.
  resent_after  integer                   not null default 0,
  constraint deliveries_pkey primary key (account_id, event_id, endpoint_id),
  constraint deliveries_check check ((status = 'pending'::text) = (due_at is not null)),
  constraint deliveries_delivered_check check (status <> 'delivered'::text or tries > 0),
  constraint deliveries_held_check check (held = any (array['in_turn'::text, 'out_of_turn'::text])),
  constraint deliveries_held_pending_check check (held is null or status = 'pending'::text),
  constraint deliveries_resent_check check (resent_after >= 0 and resent_after <= tries),
  constraint deliveries_seq_check check (seq > 0),
  constraint deliveries_status_check check (status = any (array['pending'::text, 'delivered'::text, 'failed'::text]))
);
create index deliveries_due on deliveries (due_at) where (due_at is not null);
create index deliveries_failed on deliveries (account_id, endpoint_id, created_at, event_id) where (status = 'failed'::text);
create index deliveries_of_endpoint on deliveries (account_id, endpoint_id, due_at) where (due_at is not null);
create index deliveries_out_of_turn on deliveries (account_id, endpoint_id) where ((held = 'out_of_turn'::text) and (due_at is not null));
create index deliveries_waiting on deliveries (account_id, intent_id, endpoint_id, seq) where (due_at is not null);

create table delivery_tries (
  account_id      uuid                      not null,
  event_id        uuid                      not null,
  endpoint_id     uuid                      not null,
  try             integer                   not null,
  tried_at        timestamp with time zone  not null,
  duration_ms     integer                   not null,
  status_code     integer,
  error           text,
  response_start  text                      not null,
  constraint delivery_tries_pkey primary key (account_id, event_id, endpoint_id, try),
  constraint delivery_tries_error_check check ((error is null) = coalesce(status_code >= 200 and status_code <= 299, false)),
  constraint delivery_tries_try_check check (try > 0)
);

create table events (
  account_id       uuid                      not null,
  event_id         uuid                      not null,
  intent_id        uuid                      not null,
  -- The order of happening within one intent, from 1.
  seq              integer                   not null,
  type             text                      not null,
  subscription_id  uuid,
  charge_id        bigint,
  -- What every delivery sends, byte for byte.
  body             text                      not null,
  created_at       timestamp with time zone  not null,
  constraint events_pkey primary key (account_id, event_id),
  constraint events_account_id_intent_id_seq_key unique (account_id, intent_id, seq),
  constraint events_seq_check check (seq > 0),
  constraint events_type_check check ((type = any (array['payment.succeeded'::text, 'payment.failed'::text, 'payment.refunded'::text, 'refund.failed'::text])) and charge_id is not null and subscription_id is null or type = 'payment.canceled'::text and charge_id is null and subscription_id is null or (type = any (array['subscription.created'::text, 'subscription.renewed'::text, 'subscription.failed'::text, 'subscription.canceled'::text])) and charge_id is null and subscription_id is not null)
);
create index events_newest on events (account_id, created_at desc, event_id desc);

create table idempotency_keys (
  account_id     uuid                      not null,
  key            text                      not null,
  fingerprint    bytea                     not null,
  -- The first answer's body, byte for byte; null while the command is under way.
  answer         text,
  -- What a command that outlives its first transaction needs to go on after a crash.
  resume         text,
  -- Wall time: keys are remembered for 24 hours.
  created_at     timestamp with time zone  not null,
  -- An answer that carries a secret, instead of answer: AES-256-GCM under MINTRO_SECRET_KEY.
  sealed_answer  bytea,
  constraint idempotency_keys_pkey primary key (account_id, key),
  constraint idempotency_keys_fingerprint_check check (octet_length(fingerprint) = 32),
  constraint idempotency_keys_key_check check (length(key) >= 1 and length(key) <= 255),
  constraint idempotency_keys_one_answer check (answer is null or sealed_answer is null),
  constraint idempotency_keys_resume_check check (resume is null or sealed_answer is null and resume ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$'::text)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
create index idempotency_keys_sealed on idempotency_keys (account_id, key) where (sealed_answer is not null);

create table intents (
  account_id        uuid                      not null,
  intent_id         uuid                      not null,
  -- The unguessable part of the payment link, whose token also carries account and intent.
  pay_secret        bytea                     not null,
  customer_id       uuid                      not null,
  reference_id      text                      not null,
  customer_ref_id   text,
  email             text                      not null,
  name              text                      not null,
  integration_type  text                      not null,
  success_url       text,
  cancel_url        text,
  type              text                      not null,
  interval_days     integer,
  currency          text                      not null,
  amount            bigint                    not null,
  tax               bigint                    not null,
  discount          bigint                    not null,
  order_items       json                      not null,
  metadata          json                      not null,
  status            text                      not null,
  -- The charge under way, or the one that paid.
  charge_id         bigint,
  failed_charges    smallint                  not null default 0,
  paid_at           timestamp with time zone,
  created_at        timestamp with time zone  not null,
  expires_at        timestamp with time zone  not null,
  constraint intents_pkey primary key (account_id, intent_id),
  constraint intents_account_id_reference_id_key unique (account_id, reference_id),
  constraint intents_amount_check check (amount > 0),
  constraint intents_check check ((type = 'recurring'::text) = (interval_days is not null)),
  constraint intents_check1 check (integration_type = 'iframe'::text or success_url is not null and cancel_url is not null),
  constraint intents_check2 check ((status = any (array['processing'::text, 'requires_action'::text, 'succeeded'::text])) = (charge_id is not null)),
  constraint intents_check3 check ((status = 'succeeded'::text) = (paid_at is not null)),
  constraint intents_currency_check check (currency ~ '^[A-Z]{3}$'::text),
  constraint intents_discount_check check (discount >= 0),
  constraint intents_expires_check check (expires_at > created_at),
  constraint intents_failed_charges_check check (failed_charges >= 0 and failed_charges <= 10),
  constraint intents_failed_check check ((status = 'failed'::text) = (failed_charges = 10)),
  constraint intents_integration_type_check check (integration_type = any (array['iframe'::text, 'url'::text])),
  constraint intents_interval_days_check check (interval_days >= 1 and interval_days <= 3650),
  constraint intents_pay_secret_check check (octet_length(pay_secret) = 16),
  constraint intents_status_check check (status = any (array['requires_payment'::text, 'processing'::text, 'requires_action'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text, 'expired'::text])),
  constraint intents_tax_check check (tax >= 0),
  constraint intents_type_check check (type = any (array['one_time'::text, 'recurring'::text]))
);
create index intents_due on intents (expires_at) where (status = any (array['requires_payment'::text, 'requires_action'::text]));
create index intents_newest on intents (account_id, created_at desc, intent_id desc);
create index intents_of_customer_ref on intents (account_id, customer_ref_id, created_at desc, intent_id desc) where (customer_ref_id is not null);

-- Double entry: the two lines of one source sum to zero. Minor units; what the processor owes us is positive.
create table ledger_entries (
  account_id  uuid                      not null,
  charge_id   bigint                    not null,
  kind        text                      not null,
  -- What moved the money: the charge's attempt key, or the refund's id.
  source_id   uuid                      not null,
  book        text                      not null,
  currency    text                      not null,
  amount      bigint                    not null,
  created_at  timestamp with time zone  not null,
  constraint ledger_entries_pkey primary key (account_id, charge_id, kind, source_id, book),
  constraint ledger_entries_account_id_charge_id_fkey foreign key (account_id, charge_id) references charges(account_id, charge_id),
  constraint ledger_entries_amount_check check (amount <> 0),
  constraint ledger_entries_book_check check (book = any (array['processor'::text, 'merchant'::text])),
  constraint ledger_entries_currency_check check (currency ~ '^[A-Z]{3}$'::text),
  constraint ledger_entries_kind_check check (kind = any (array['charge'::text, 'refund'::text, 'reversal'::text]))
);

create table refunds (
  account_id     uuid                      not null,
  -- Also our idempotency key at the processor.
  refund_id      uuid                      not null,
  intent_id      uuid                      not null,
  charge_id      bigint                    not null,
  currency       text                      not null,
  amount         bigint                    not null,
  reason         text,
  status         text                      not null,
  processor_ref  text,
  failure        text,
  -- When to ask the processor to make it, or what became of it.
  look_up_at     timestamp with time zone,
  look_ups       integer                   not null default 0,
  lease_until    timestamp with time zone,
  created_at     timestamp with time zone  not null,
  settled_at     timestamp with time zone,
  constraint refunds_pkey primary key (account_id, refund_id),
  constraint refunds_account_id_charge_id_fkey foreign key (account_id, charge_id) references charges(account_id, charge_id),
  constraint refunds_amount_check check (amount > 0),
  constraint refunds_check check ((status = 'pending'::text) = (look_up_at is not null)),
  constraint refunds_check1 check ((status = 'pending'::text) = (settled_at is null)),
  constraint refunds_check2 check ((status = 'succeeded'::text) <= (processor_ref is not null)),
  constraint refunds_check3 check ((status = 'failed'::text) = (failure is not null)),
  constraint refunds_currency_check check (currency ~ '^[A-Z]{3}$'::text),
  constraint refunds_look_ups_check check (look_ups >= 0),
  constraint refunds_status_check check (status = any (array['pending'::text, 'succeeded'::text, 'failed'::text]))
);
create index refunds_due on refunds (look_up_at) where (look_up_at is not null);
create index refunds_of_charge on refunds (account_id, charge_id);

create table schema_migrations (
  name        text                      not null,
  applied_at  timestamp with time zone  not null default now(),
  constraint schema_migrations_pkey primary key (name)
);

create table subscriptions (
  account_id       uuid                      not null,
  subscription_id  uuid                      not null,
  intent_id        uuid                      not null,
  customer_id      uuid                      not null,
  currency         text                      not null,
  amount           bigint                    not null,
  interval_days    integer                   not null,
  processor        text                      not null,
  method_token     text                      not null,
  card_brand       text,
  card_last4       text,
  card_exp_month   smallint,
  card_exp_year    smallint,
  anchor_at        timestamp with time zone  not null,
  status           text                      not null,
  -- The newest cycle that was paid; 0 is the first payment.
  current_cycle    integer                   not null,
  -- The cycle whose refused charge opened the debt: its due time sets the retries.
  debt_cycle       integer,
  -- The renewal under way.
  charge_id        bigint,
  -- When the next charge is to be tried; null while one is under way and when none will be.
  due_at           timestamp with time zone,
  created_at       timestamp with time zone  not null,
  cancelled_at     timestamp with time zone,
  -- Where the method is no card: the name of whoever pays for the customer.
  wallet           text,
  constraint subscriptions_pkey primary key (account_id, subscription_id),
  constraint subscriptions_account_id_intent_id_key unique (account_id, intent_id),
  constraint subscriptions_account_id_intent_id_fkey foreign key (account_id, intent_id) references intents(account_id, intent_id),
  constraint subscriptions_amount_check check (amount > 0),
  constraint subscriptions_card_exp_month_check check (card_exp_month >= 1 and card_exp_month <= 12),
  constraint subscriptions_card_exp_year_check check (card_exp_year >= 2000 and card_exp_year <= 9999),
  constraint subscriptions_card_last4_check check (card_last4 ~ '^[0-9]{4}$'::text),
  constraint subscriptions_check check (debt_cycle > current_cycle),
  constraint subscriptions_check1 check ((status = 'cancelled'::text) = (cancelled_at is not null)),
  constraint subscriptions_check2 check ((status = any (array['past_due'::text, 'unpaid'::text])) = (debt_cycle is not null)),
  constraint subscriptions_check3 check (status <> 'unpaid'::text or charge_id is null),
  constraint subscriptions_check4 check (((status = any (array['active'::text, 'past_due'::text])) and charge_id is null) = (due_at is not null)),
  constraint subscriptions_currency_check check (currency ~ '^[A-Z]{3}$'::text),
  constraint subscriptions_current_cycle_check check (current_cycle >= 0),
  constraint subscriptions_interval_days_check check (interval_days >= 1 and interval_days <= 3650),
  constraint subscriptions_method_check check (num_nonnulls(card_brand, card_last4, card_exp_month, card_exp_year) =
case
    when wallet is null then 4
    else 0
end),
  constraint subscriptions_status_check check (status = any (array['active'::text, 'past_due'::text, 'unpaid'::text, 'cancelled'::text]))
);
create index subscriptions_due on subscriptions (due_at) where (due_at is not null);
create index subscriptions_newest on subscriptions (account_id, created_at desc, subscription_id desc);

create table test_faults (
  account_id  uuid                      not null,
  fault_id    uuid                      not null,
  target      text                      not null,
  fault       text                      not null,
  count       integer                   not null,
  -- How many calls or tries it is still to strike; those used up are forgotten by and by.
  remaining   integer                   not null,
  -- Wall time: the faults of one target are used in this order.
  armed_at    timestamp with time zone  not null,
  constraint test_faults_pkey primary key (account_id, fault_id),
  constraint test_faults_check check (remaining >= 0 and remaining <= count),
  constraint test_faults_check1 check (target = 'charge'::text and (fault = any (array['timeout_before'::text, 'timeout_after'::text, 'late'::text, 'twice'::text])) or target = 'refund'::text and fault = 'refuse'::text or target = 'delivery'::text and (fault = any (array['drop'::text, 'double'::text, 'delay'::text, 'swap'::text]))),
  constraint test_faults_count_check check (count >= 1 and count <= 100)
);
create index test_faults_armed on test_faults (account_id, target, armed_at, fault_id) where (remaining > 0);

create table webhook_endpoints (
  account_id             uuid                        not null,
  endpoint_id            uuid                        not null,
  url                    text                        not null,
  -- The event types it wants; null for all.
  events                 text[],
  -- AES-256-GCM under MINTRO_SECRET_KEY.
  secret                 bytea                       not null,
  previous_secret        bytea,
  -- Wall time until which the secret before a rotation signs too.
  previous_secret_until  timestamp with time zone,
  from_environment       boolean                     not null,
  enabled                boolean                     not null,
  disabled_reason        text,
  -- The first failed try since the last success; five days later the endpoint is disabled.
  failing_since          timestamp with time zone,
  created_at             timestamp with time zone    not null,
  -- The account's time at which it was created, last enabled, or last given other event types.
  subscribed_since       timestamp with time zone    not null,
  -- Those before previous_secret, the newest first; they sign until the time at the same place.
  older_secrets          bytea[]                     not null default '{}'::bytea[],
  older_secrets_until    timestamp with time zone[]  not null default '{}'::timestamp with time zone[],
  -- The try whose success ended the last failing: a failure begun no later says nothing.
  recovered_at           timestamp with time zone,
  constraint webhook_endpoints_pkey primary key (account_id, endpoint_id),
  constraint webhook_endpoints_check check ((previous_secret is null) = (previous_secret_until is null)),
  constraint webhook_endpoints_check1 check (enabled = (disabled_reason is null)),
  constraint webhook_endpoints_disabled_reason_check check (disabled_reason = any (array['gone'::text, 'failing'::text, 'removed'::text, 'merchant'::text])),
  constraint webhook_endpoints_events_check check (events <@ array['payment.succeeded'::text, 'payment.failed'::text, 'payment.canceled'::text, 'payment.refunded'::text, 'refund.failed'::text, 'subscription.created'::text, 'subscription.renewed'::text, 'subscription.failed'::text, 'subscription.canceled'::text]),
  constraint webhook_endpoints_older_check check (cardinality(older_secrets) = cardinality(older_secrets_until))
);
create index webhook_endpoints_failing on webhook_endpoints (failing_since) where ((failing_since is not null) and enabled);
create index webhook_endpoints_newest on webhook_endpoints (account_id, created_at desc, endpoint_id desc);

-- The vault: what a token stands for.
create table sandbox.methods (
  account_id  uuid                      not null,
  token       text                      not null,
  -- What the test card does; the number itself is forgotten.
  behaviour   text                      not null,
  brand       text                      not null,
  last4       text                      not null,
  exp_month   smallint                  not null,
  exp_year    smallint                  not null,
  -- Payments that succeeded: a card may do well at first and be declined later.
  successes   integer                   not null default 0,
  created_at  timestamp with time zone  not null,
  constraint methods_pkey primary key (account_id, token),
  constraint methods_exp_month_check check (exp_month >= 1 and exp_month <= 12),
  constraint methods_exp_year_check check (exp_year >= 2000 and exp_year <= 9999),
  constraint methods_last4_check check (last4 ~ '^[0-9]{4}$'::text),
  constraint methods_successes_check check (successes >= 0)
);

create table sandbox.payments (
  account_id       uuid                      not null,
  idempotency_key  uuid                      not null,
  -- The account's id and 16 random bytes: the address of a challenge ends with it.
  payment_ref      text                      not null,
  token            text                      not null,
  off_session      boolean                   not null,
  currency         text                      not null,
  amount           bigint                    not null,
  refunded         bigint                    not null default 0,
  description      text                      not null,
  -- The money moved if, and only if, it is succeeded; succeeded, declined and voided are final.
  status           text                      not null,
  decline_reason   text,
  -- Where the challenge sends the customer back to; null where there was none.
  return_url       text,
  created_at       timestamp with time zone  not null,
  updated_at       timestamp with time zone  not null,
  constraint payments_pkey primary key (account_id, idempotency_key),
  constraint payments_account_id_payment_ref_key unique (account_id, payment_ref),
  constraint payments_account_id_token_fkey foreign key (account_id, token) references sandbox.methods(account_id, token),
  constraint payments_amount_check check (amount > 0),
  constraint payments_check check (refunded >= 0 and refunded <= amount),
  constraint payments_check1 check ((status = 'declined'::text) = (decline_reason is not null)),
  constraint payments_check2 check ((status <> all (array['challenge_open'::text, 'challenge_passed'::text, 'voided'::text])) or return_url is not null),
  constraint payments_check3 check (refunded = 0 or status = 'succeeded'::text),
  constraint payments_currency_check check (currency ~ '^[A-Z]{3}$'::text),
  constraint payments_status_check check (status = any (array['challenge_open'::text, 'challenge_passed'::text, 'succeeded'::text, 'declined'::text, 'voided'::text]))
);

create table sandbox.refunds (
  account_id       uuid                      not null,
  refund_key       text                      not null,
  -- Of the payment that is refunded.
  idempotency_key  uuid                      not null,
  refund_ref       text                      not null,
  currency         text                      not null,
  amount           bigint                    not null,
  status           text                      not null,
  failure          text,
  created_at       timestamp with time zone  not null,
  constraint refunds_pkey primary key (account_id, refund_key),
  constraint refunds_account_id_idempotency_key_fkey foreign key (account_id, idempotency_key) references sandbox.payments(account_id, idempotency_key),
  constraint refunds_amount_check check (amount > 0),
  constraint refunds_check check ((status = 'failed'::text) = (failure is not null)),
  constraint refunds_currency_check check (currency ~ '^[A-Z]{3}$'::text),
  constraint refunds_status_check check (status = any (array['succeeded'::text, 'failed'::text]))
);
