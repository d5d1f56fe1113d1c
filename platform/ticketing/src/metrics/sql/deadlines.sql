-- Deadlines that have passed a second ago and more, and are not announced.
select count(*)
from deadlines
where not closed and announced_at is null and expires_at < clock_timestamp() - interval '1 second'
