-- Webhooks that wait, and the age of the oldest in seconds.
select count(*),
       coalesce(extract(epoch from clock_timestamp() - min(received_at)), 0)::float8
from webhook_events
where handled_at is null
