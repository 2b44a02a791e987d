-- A charge whose open challenge was given up, because its intent was cancelled or expired, is asked after like an open one,
-- until the processor has confirmed that it is void: what was sent to the processor before may still move the money, and then
-- it must go back.

alter table charges drop constraint charges_check1;
alter table charges add constraint charges_looked_up_check
  check (look_up_at is not null or status not in ('pending', 'requires_action'));
alter table charges add constraint charges_known_check
  check (look_up_at is null or status in ('pending', 'requires_action', 'failed'));
comment on column charges.look_up_at is 'When to ask the processor what became of the attempt; for a challenge, when it counts as abandoned; for one given up, when to make sure that it is void.';
