-- How many seconds ago the longest unsettled payment has last changed; and captured payments that orders has answered
-- neither by completing the order nor by refusing the money.
select coalesce(
         extract(epoch from clock_timestamp() - min(p.updated_at) filter (where p.status in ('pending', 'refunding'))), 0
       )::float8,
       count(*) filter (
         where p.status = 'succeeded' and o.status is distinct from 'complete'
           and p.updated_at < clock_timestamp() - interval '1 minute')
from payments p
left join orders o on o.id = p.order_id
where p.status in ('pending', 'refunding', 'succeeded')
