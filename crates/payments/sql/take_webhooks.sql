-- Events that could not be handled when they came. Several hosts: each takes others, and moves them on
-- first. After three days they are no payment of ours.
update webhook_events
set tries = tries + 1,
    next_try_at = now() + least(interval '5 seconds' * 2 ^ least(tries, 10), interval '1 hour'),
    handled_at = case when received_at < now() - interval '3 days' then now() end
where id in (
  select id from webhook_events
  where handled_at is null and next_try_at <= now()
  order by next_try_at
  limit 20
  for update skip locked
)
returning payload::text
