-- One row more than the page tells whether there is a next one. Reserved or sold is what the order that holds the
-- ticket says; one that this service has not heard the end of yet is a reservation.
with page as (
  select t.seq, row_number() over (order by t.seq desc) as place,
         ticket_json(t)::jsonb || jsonb_build_object('state', case
           when t.order_id is null then 'on-sale'
           when holder.status = 'complete' then 'sold'
           else 'reserved'
         end) as ticket
  from tickets t
  left join ticket_orders holder on holder.order_id = t.order_id
  where t.user_id = $1 and t.deleted_at is null and t.seq < $2
  order by t.seq desc
  limit $3 + 1
)
select coalesce(json_agg(ticket order by seq desc) filter (where place <= $3), '[]')::text as tickets,
       case when count(*) > $3 then min(seq) filter (where place <= $3) end as next
from page
