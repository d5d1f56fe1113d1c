-- Edit against reserve: the update's own condition decides, under the row's lock.
with target as (
  select user_id from tickets where id = $1 and deleted_at is null
), edited as (
  update tickets
  set title = $3, price = $4, version = version + 1
  where id = $1 and user_id = $2 and order_id is null and deleted_at is null
  returning id, ticket_json(tickets) as ticket, ticket_event(tickets) as data
), published as (
  insert into outbox (type, subject, data, traceparent)
  select 'ticket:updated', id, data, $5 from edited
)
select (select ticket::text from edited) as ticket,
       (select user_id from target) as seller
