-- Open orders, those that should have been cancelled, and by how many seconds the first of these is late.
select count(*),
       count(*) filter (where expires_at < clock_timestamp()),
       greatest(coalesce(extract(epoch from clock_timestamp() - min(expires_at)), 0), 0)::float8
from orders
where status not in ('complete', 'cancelled')
