-- Clients by API: when each was last used, and secrets that rotate with an overlap. Wall time, as all of clients is.

alter table clients add column last_used_at timestamptz;
alter table clients add column previous_secret_sha256 bytea check (octet_length(previous_secret_sha256) = 32);
alter table clients add column previous_secret_until timestamptz;
alter table clients add constraint clients_previous_secret_check
  check ((previous_secret_sha256 is null) = (previous_secret_until is null));
create index clients_newest on clients (account_id, created_at desc, client_id desc);
comment on column clients.last_used_at is 'To the minute: written at most once a minute.';
comment on column clients.previous_secret_until is 'Until when the secret before the last rotation opens too.';
