-- As browse.sql; the trigram index on titles finds the rows.
with page as (
  select t.seq, ticket_json(t) as ticket, row_number() over (order by t.seq desc) as place
  from tickets t
  where t.order_id is null and t.deleted_at is null and t.seq < $1 and t.title ilike $3
  order by t.seq desc
  limit $2 + 1
)
select coalesce(json_agg(ticket order by seq desc) filter (where place <= $2), '[]')::text as tickets,
       case when count(*) > $2 then min(seq) filter (where place <= $2) end as next
from page
