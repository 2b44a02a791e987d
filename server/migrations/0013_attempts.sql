-- What the port to processors brings: methods that are no cards, and what a customer carries back from a challenge.

alter table charges
  alter column card_brand drop not null,
  alter column card_last4 drop not null,
  alter column card_exp_month drop not null,
  alter column card_exp_year drop not null,
  add column wallet text,
  add column returned jsonb,
  add constraint charges_method_check
    check (num_nonnulls(card_brand, card_last4, card_exp_month, card_exp_year) = case when wallet is null then 4 else 0 end),
  add constraint charges_returned_check check (returned is null or resumed);
comment on column charges.wallet is 'Where the method is no card: the name of whoever pays for the customer.';
comment on column charges.returned is 'The parameters that the customer came back with from a challenge: a repeated completion needs them again.';

alter table subscriptions
  alter column card_brand drop not null,
  alter column card_last4 drop not null,
  alter column card_exp_month drop not null,
  alter column card_exp_year drop not null,
  add column wallet text,
  add constraint subscriptions_method_check
    check (num_nonnulls(card_brand, card_last4, card_exp_month, card_exp_year) = case when wallet is null then 4 else 0 end);
comment on column subscriptions.wallet is 'Where the method is no card: the name of whoever pays for the customer.';
