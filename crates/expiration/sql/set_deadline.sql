-- Once set, a deadline stays; once closed, it stays closed. So a repeated event needs no inbox.
insert into deadlines as known (order_id, expires_at, traceparent)
values ($1, $2::text::timestamptz, $3)
on conflict (order_id) do update
  set expires_at = excluded.expires_at, traceparent = excluded.traceparent
  where known.expires_at is null
