-- Since when an endpoint has wanted what it wants now: what happened before may have no delivery to it, what happens from
-- then on must have one. So the auditor can tell a delivery that is missing from one that was never due.

alter table webhook_endpoints add column subscribed_since timestamptz;
update webhook_endpoints set subscribed_since = created_at;
alter table webhook_endpoints alter column subscribed_since set not null;
comment on column webhook_endpoints.subscribed_since is 'The account''s time at which it was created, last enabled, or last given other event types.';
