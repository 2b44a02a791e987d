-- What the unions of src/domain say of a state, and the tables did not say yet: a row that no state is, is refused when it is
-- written, and not found out when it is read.
--
-- Lists of words (event types, permissions, why an endpoint is disabled, why a charge failed) are closed by type
-- (contract/src/vocabulary.ts), and readers rely on that: an answer with another word does not fit its schema. So they are
-- closed here too. A new word changes contract and code in any case, and then comes with a migration. That holds for the
-- reasons of processors as well: an adapter maps their words onto these, and theirs never get here. Left open is what
-- others name or say: brands of cards, processors, why a refund was asked for or refused. Currencies are held to their
-- form alone: the list of ISO 4217 changes, and what was paid in a code that is withdrawn stays in the books.
--
-- Not here is what a clock may break that somebody sets back: nothing is compared with a time that was read later.
--
-- A table's checks stand in one statement, so that it is read once. `not valid` with a later `validate constraint` would keep
-- nobody waiting less: a migration is one transaction, and holds the lock under which a check is added to its end.

-- accounts ------------------------------------------------------------------------------------------------------------

-- That its clock is not moved is a check already.
alter table accounts
  add constraint accounts_live_clock_check check (mode = 'test' or clock_frozen_at is null);

alter table clients
  add constraint clients_permissions_check check (permissions <@ array[
    'intents:read', 'intents:write', 'subscriptions:read', 'subscriptions:write', 'customers:read', 'refunds:write',
    'webhooks:read', 'webhooks:write', 'events:read', 'clients:write', 'test:write']);

-- The one command that goes on after a crash moves a clock: what it needs is where to, as the API writes a time.
-- Its answer carries no secret.
alter table idempotency_keys
  add constraint idempotency_keys_resume_check check (
    resume is null or (sealed_answer is null
      and resume ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$'));

-- customers -----------------------------------------------------------------------------------------------------------

-- The address is not compared: its lower case is made by the server, and a database may make another.
alter table customers
  add constraint customers_identity_check check (
       (customer_ref_id is null and starts_with(identity, 'email:'))
    or (customer_ref_id is not null and identity = 'ref:' || customer_ref_id));

-- intents -------------------------------------------------------------------------------------------------------------

alter table intents
  add constraint intents_currency_check check (currency ~ '^[A-Z]{3}$'),
  -- The tenth refusal ends it, and nothing else does: never written otherwise, since the count is part of the arrow.
  add constraint intents_failed_check check ((status = 'failed') = (failed_charges = 10)),
  -- Both follow from one reading of the clock.
  add constraint intents_expires_check check (expires_at > created_at);

-- charges -------------------------------------------------------------------------------------------------------------

-- The checks of a card's columns let null pass, where there is no card.
alter table charges
  add constraint charges_charge_id_check check (charge_id between 1 and 9007199254740991),
  add constraint charges_currency_check check (currency ~ '^[A-Z]{3}$'),
  add constraint charges_card_last4_check check (card_last4 ~ '^[0-9]{4}$'),
  add constraint charges_card_exp_month_check check (card_exp_month between 1 and 12),
  add constraint charges_card_exp_year_check check (card_exp_year between 2000 and 9999),
  -- A charge that was sent, or refused, may have none.
  add constraint charges_processor_ref_check check (status in ('pending', 'failed') or processor_ref is not null),
  add constraint charges_resumed_check check (not resumed or status = 'pending'),
  add constraint charges_failure_reason_check check (failure_reason in (
    'generic_decline', 'insufficient_funds', 'lost_card', 'stolen_card', 'expired_card', 'incorrect_cvc',
    'processing_error', 'authentication_required', 'authentication_failed', 'authentication_abandoned',
    'canceled', 'expired')),
  add constraint charges_look_ups_check check (look_ups >= 0);

-- refunds -------------------------------------------------------------------------------------------------------------

alter table refunds
  add constraint refunds_currency_check check (currency ~ '^[A-Z]{3}$'),
  add constraint refunds_look_ups_check check (look_ups >= 0);

-- subscriptions -------------------------------------------------------------------------------------------------------

alter table subscriptions
  add constraint subscriptions_currency_check check (currency ~ '^[A-Z]{3}$'),
  add constraint subscriptions_card_last4_check check (card_last4 ~ '^[0-9]{4}$'),
  add constraint subscriptions_card_exp_month_check check (card_exp_month between 1 and 12),
  add constraint subscriptions_card_exp_year_check check (card_exp_year between 2000 and 9999);

-- ledger --------------------------------------------------------------------------------------------------------------

alter table ledger_entries
  add constraint ledger_entries_currency_check check (currency ~ '^[A-Z]{3}$');

-- events --------------------------------------------------------------------------------------------------------------

-- What each type is about, and with that which types there are.
alter table events
  add constraint events_type_check check (
       (type in ('payment.succeeded', 'payment.failed', 'payment.refunded', 'refund.failed')
        and charge_id is not null and subscription_id is null)
    or (type = 'payment.canceled' and charge_id is null and subscription_id is null)
    or (type in ('subscription.created', 'subscription.renewed', 'subscription.failed', 'subscription.canceled')
        and charge_id is null and subscription_id is not null));

-- webhooks ------------------------------------------------------------------------------------------------------------

-- That one which is enabled has no reason, and one which is not has one, is a check already.
alter table webhook_endpoints
  add constraint webhook_endpoints_events_check check (events <@ array[
    'payment.succeeded', 'payment.failed', 'payment.canceled', 'payment.refunded', 'refund.failed',
    'subscription.created', 'subscription.renewed', 'subscription.failed', 'subscription.canceled']),
  add constraint webhook_endpoints_disabled_reason_check check (disabled_reason in ('gone', 'failing', 'removed', 'merchant'));

-- What was given up with its endpoint while a fault held it back kept the mark of that until now. It says nothing there.
update deliveries set held = null where held is not null and status <> 'pending';

-- That tries are not negative follows from deliveries_resent_check.
alter table deliveries
  add constraint deliveries_seq_check check (seq > 0),
  add constraint deliveries_held_pending_check check (held is null or status = 'pending'),
  add constraint deliveries_delivered_check check (status <> 'delivered' or tries > 0);

-- What was acknowledged has a status and no error; what was not says why, with or without a status.
alter table delivery_tries
  add constraint delivery_tries_error_check check ((error is null) = coalesce(status_code between 200 and 299, false));

-- sandbox -------------------------------------------------------------------------------------------------------------

alter table sandbox.payments
  add constraint payments_currency_check check (currency ~ '^[A-Z]{3}$');

alter table sandbox.refunds
  add constraint refunds_currency_check check (currency ~ '^[A-Z]{3}$');
