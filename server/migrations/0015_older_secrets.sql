-- A signing secret that was rotated away signs for 24 hours more, however often the endpoint is rotated meanwhile: beside the
-- one before the last rotation those before that, as long as their time runs. Processes of the version before leave them out.

alter table webhook_endpoints add column older_secrets bytea[] not null default '{}';
alter table webhook_endpoints add column older_secrets_until timestamptz[] not null default '{}';
alter table webhook_endpoints add constraint webhook_endpoints_older_check
  check (cardinality(older_secrets) = cardinality(older_secrets_until));
comment on column webhook_endpoints.older_secrets is 'Those before previous_secret, the newest first; they sign until the time at the same place.';
