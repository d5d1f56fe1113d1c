-- Two hosts at once: each takes rows that the other has not locked. The mark and the event are one transaction.
with due as (
  select order_id from deadlines
  where not closed and announced_at is null and expires_at <= now()
  order by expires_at
  limit $1
  for update skip locked
), announced as (
  update deadlines d set announced_at = now()
  from due where d.order_id = due.order_id
  returning d.order_id, d.traceparent
), published as (
  insert into outbox (type, subject, data, traceparent)
  select 'expiration:complete', order_id, jsonb_build_object('orderId', order_id), traceparent
  from announced
)
select count(*) as announced from announced
