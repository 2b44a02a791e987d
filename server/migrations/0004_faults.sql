-- Faults that a merchant arms to rehearse what goes wrong (contract section 6, /test/faults). Test mode alone: a fault
-- only pretends, so none of these rows ever decides about money.

create table test_faults (
  account_id uuid        not null,
  fault_id   uuid        not null,
  target     text        not null,
  fault      text        not null,
  count      integer     not null check (count between 1 and 100),
  remaining  integer     not null check (remaining between 0 and count),
  armed_at   timestamptz not null,
  primary key (account_id, fault_id),
  check ((target = 'charge' and fault in ('timeout_before', 'timeout_after', 'late', 'twice'))
      or (target = 'delivery' and fault in ('drop', 'double', 'delay', 'swap')))
);
create index test_faults_armed on test_faults (account_id, target, armed_at, fault_id) where remaining > 0;
comment on column test_faults.remaining is 'How many calls or tries it is still to strike; those used up are forgotten by and by.';
comment on column test_faults.armed_at is 'Wall time: the faults of one target are used in this order.';

alter table deliveries add column held text check (held in ('in_turn', 'out_of_turn'));
create index deliveries_out_of_turn on deliveries (account_id, endpoint_id) where held = 'out_of_turn' and due_at is not null;
comment on column deliveries.held is 'A fault has put the coming try off already. in_turn: the payment''s later events wait for it all the same. out_of_turn: it is to arrive after the next try to its endpoint, which has not come yet.';
