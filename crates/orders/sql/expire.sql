-- Expiry against pay, and against cancel: the status under the row's lock decides.
with seen as (
  insert into inbox (event_id) values ($1) on conflict do nothing returning event_id
), cancelled as (
  update orders
  set status = 'cancelled', cancelled_by = 'expiration', version = version + 1
  where id = $2 and status in ('created', 'awaiting:payment') and exists (select from seen)
  returning id, order_cancelled(orders) as data
), published as (
  insert into outbox (type, subject, data, traceparent)
  select 'order:cancelled', id, data, $3 from cancelled
)
select exists (select from cancelled) as cancelled
