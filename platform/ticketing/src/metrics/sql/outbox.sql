-- Rows that wait for the relay, and the age of the oldest in seconds.
select count(*),
       coalesce(extract(epoch from clock_timestamp() - min(time)), 0)::float8
from outbox
