-- Tries that run side by side end in any order: a failure begun before the success that ended the last failing says nothing.
-- And an endpoint that has failed for five days is disabled at that time, so those that fail are looked for.

alter table webhook_endpoints add column recovered_at timestamptz;
create index webhook_endpoints_failing on webhook_endpoints (failing_since) where failing_since is not null and enabled;
comment on column webhook_endpoints.failing_since is 'The first failed try since the last success; five days later the endpoint is disabled.';
comment on column webhook_endpoints.recovered_at is 'The try whose success ended the last failing: a failure begun no later says nothing.';
