-- Edit against reserve: the update's own condition decides, under the row's lock. Asked again under the same
-- id, it changes nothing and answers with the ticket, also when it was reserved in the meantime.
with target as (
  select user_id, case when last_write = $6 then ticket_json(t) end as edited_before
  from tickets t where id = $1 and deleted_at is null
), edited as (
  update tickets
  set title = $3, price = $4, version = version + 1, last_write = $6
  where id = $1 and user_id = $2 and order_id is null and deleted_at is null
    and ($6::uuid is null or last_write is distinct from $6)
  returning id, ticket_json(tickets) as ticket, ticket_event(tickets) as data
), published as (
  insert into outbox (type, subject, data, traceparent)
  select 'ticket:updated', id, data, $5 from edited
)
select coalesce((select ticket from edited),
                (select edited_before from target where user_id = $2))::text as ticket,
       (select user_id from target) as seller
