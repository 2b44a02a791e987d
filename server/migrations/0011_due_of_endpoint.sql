-- A worker that finds a long backlog asks each endpoint for its own oldest deliveries, so that one's backlog hides nobody else's.

drop index deliveries_of_endpoint;
create index deliveries_of_endpoint on deliveries (account_id, endpoint_id, due_at) where due_at is not null;
