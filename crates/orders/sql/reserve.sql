-- N buyers for one ticket: the unique index on active orders lets one row in, whoever asks at once.
-- Reserve against delete: the share lock makes one of them wait, and then see what the other did.
-- Asked again under the same id, it answers with the order that there is, whatever became of it.
with target as (
  select id from tickets where id = $1 and not deleted
), free as (
  select t.id, t.title, t.price
  from tickets t
  where t.id = $1 and not t.deleted
    and not exists (select from orders o where o.ticket_id = $1 and o.status <> 'cancelled')
  for share of t
), reserved as (
  insert into orders (id, user_id, expires_at, ticket_id, title, price)
  select coalesce($5, gen_random_uuid()), $2, now() + $3::bigint * interval '1 second', id, title, price
  from free
  on conflict do nothing
  returning id, order_json(orders) as view, order_created(orders) as data
), published as (
  insert into outbox (type, subject, data, traceparent)
  select 'order:created', id, data, $4 from reserved
)
select coalesce((select view from reserved),
                (select order_json(o) from orders o where o.id = $5 and o.user_id = $2))::text as "order",
       exists (select from target) as on_sale,
       exists (select from free) as was_free
