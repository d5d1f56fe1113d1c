-- Cancel against pay, and against expiry: the status under the row's lock decides.
with target as (
  select user_id, status, ticket_id from orders where id = $1
), cancelled as (
  update orders
  set status = 'cancelled', cancelled_by = 'buyer', version = version + 1
  where id = $1 and user_id = $2 and status in ('created', 'awaiting:payment')
  returning id, order_cancelled(orders) as data
), published as (
  insert into outbox (type, subject, data, traceparent)
  select 'order:cancelled', id, data, $3 from cancelled
)
select exists (select from cancelled) as cancelled,
       (select user_id from target) as buyer,
       (select status from target) as status,
       (select ticket_id from target) as ticket
