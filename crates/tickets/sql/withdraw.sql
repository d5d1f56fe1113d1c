-- Delete against reserve: as with an edit. A reservation that orders made but this service has not
-- heard of yet loses: orders cancels it when it learns of the deletion. Asked again under the same id, it
-- finds its own doing.
with target as (
  select user_id, deleted_at from tickets
  where id = $1 and (deleted_at is null or last_write = $4)
), withdrawn as (
  update tickets
  set deleted_at = now(), version = version + 1, last_write = $4
  where id = $1 and user_id = $2 and order_id is null and deleted_at is null
  returning id, ticket_event(tickets) as data
), published as (
  insert into outbox (type, subject, data, traceparent)
  select 'ticket:deleted', id, data, $3 from withdrawn
)
select exists (select from withdrawn)
         or exists (select from target where user_id = $2 and deleted_at is not null) as withdrawn,
       (select user_id from target) as seller
