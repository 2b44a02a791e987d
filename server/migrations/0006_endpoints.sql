-- Webhook endpoints by API: answers that carry a secret are kept encrypted, and deliveries can be sent again.

alter table idempotency_keys add column sealed_answer bytea;
alter table idempotency_keys add constraint idempotency_keys_one_answer check (answer is null or sealed_answer is null);
comment on column idempotency_keys.sealed_answer is 'An answer that carries a secret, instead of answer: AES-256-GCM under MINTRO_SECRET_KEY.';

create index webhook_endpoints_newest on webhook_endpoints (account_id, created_at desc, endpoint_id desc);

alter table deliveries add column resent_after integer not null default 0;
alter table deliveries add constraint deliveries_resent_check check (resent_after between 0 and tries);
create index deliveries_failed on deliveries (account_id, endpoint_id, created_at, event_id) where status = 'failed';
comment on column deliveries.resent_after is 'The tries that it had when it was last sent again: after them the schedule begins anew.';
