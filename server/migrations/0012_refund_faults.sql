-- A refund that the sandbox refuses, so that a merchant can rehearse `refund.failed`.

alter table test_faults drop constraint test_faults_check1;
alter table test_faults add check (
      (target = 'charge' and fault in ('timeout_before', 'timeout_after', 'late', 'twice'))
   or (target = 'refund' and fault = 'refuse')
   or (target = 'delivery' and fault in ('drop', 'double', 'delay', 'swap')));
