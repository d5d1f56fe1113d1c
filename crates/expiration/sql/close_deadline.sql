insert into deadlines (order_id, closed)
values ($1, true)
on conflict (order_id) do update set closed = true
