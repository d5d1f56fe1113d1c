-- One row more than the page tells whether there is a next one.
with page as (
  select o.seq, order_json(o) as view, row_number() over (order by o.seq desc) as place
  from orders o
  where o.user_id = $1 and o.seq < $2
  order by o.seq desc
  limit $3 + 1
)
select coalesce(json_agg(view order by seq desc) filter (where place <= $3), '[]')::text as orders,
       case when count(*) > $3 then min(seq) filter (where place <= $3) end as next
from page
