-- An event that comes again brings back what this service knows of its ticket, should that be lost: versions decide alone.
-- So the stream can be replayed at any time. The inbox has every event all the same.
create or replace function apply_ticket(
  p_event uuid, p_id uuid, p_version bigint, p_title text, p_price bigint, p_deleted boolean,
  p_traceparent text
) returns void language plpgsql as $$
begin
  insert into inbox (event_id) values (p_event) on conflict do nothing;

  insert into tickets as known (id, version, title, price, deleted)
  values (p_id, p_version, p_title, p_price, p_deleted)
  on conflict (id) do update
    set version = excluded.version, title = excluded.title, price = excluded.price,
        deleted = excluded.deleted
    where known.version < excluded.version;

  -- The seller withdrew it just before the reservation was known there: nobody can have it.
  -- The row's lock, which a reservation shares, lets this see every order that got in first.
  if p_deleted then
    with cancelled as (
      update orders
      set status = 'cancelled', cancelled_by = 'seller', version = version + 1
      where ticket_id = p_id and status in ('created', 'awaiting:payment')
      returning id, order_cancelled(orders) as data
    )
    insert into outbox (type, subject, data, traceparent)
    select 'order:cancelled', id, data, p_traceparent from cancelled;
  end if;
end $$;
