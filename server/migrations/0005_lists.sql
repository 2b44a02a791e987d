-- Lists of the API: newest first, page by page. Each index ends as its list is ordered, so that a page is read and no more.

create index intents_newest on intents (account_id, created_at desc, intent_id desc);
create index intents_of_customer_ref on intents (account_id, customer_ref_id, created_at desc, intent_id desc)
  where customer_ref_id is not null;
create index customers_newest on customers (account_id, created_at desc, customer_id desc);
create index events_newest on events (account_id, created_at desc, event_id desc);
