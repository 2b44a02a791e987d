-- A processor's notification names an attempt by our key, and each key is one attempt.

create unique index charges_attempt on charges (account_id, attempt_key);

-- Answers that are kept encrypted are few: found without a look at all the others when the key changes.

create index idempotency_keys_sealed on idempotency_keys (account_id, key) where sealed_answer is not null;
