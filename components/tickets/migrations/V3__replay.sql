-- An event that comes again brings back what this service knows of its order, should that be lost; what it did to the
-- ticket it does once. So the stream can be replayed at any time.
create or replace function apply_order(
  p_event uuid, p_order uuid, p_ticket uuid, p_version bigint, p_status text,
  p_expires_at timestamptz, p_traceparent text
) returns void language plpgsql as $$
declare
  is_new boolean;
  holder uuid;
begin
  insert into inbox (event_id) values (p_event) on conflict do nothing;
  is_new := found;

  -- Two events about one ticket: without this lock each could miss the row that the other writes,
  -- and the later one would put the wrong holder down.
  perform pg_advisory_xact_lock(hashtextextended(p_ticket::text, 0));

  -- Only order:created tells when it expires, and may be the last to come.
  insert into ticket_orders as known (order_id, ticket_id, version, status, expires_at)
  values (p_order, p_ticket, p_version, p_status, p_expires_at)
  on conflict (order_id) do update
    set status = case when excluded.version > known.version then excluded.status else known.status end,
        version = greatest(known.version, excluded.version),
        expires_at = coalesce(known.expires_at, excluded.expires_at)
    where known.version < excluded.version or (known.expires_at is null and excluded.expires_at is not null);

  if not is_new then
    return;
  end if;

  -- Orders never has two at once; while a cancellation is still on its way, the newer one counts.
  select order_id into holder
  from ticket_orders
  where ticket_id = p_ticket and status <> 'cancelled'
  order by expires_at desc nulls last
  limit 1;

  -- A holder that is not known is one whose events are still to come again: it keeps the ticket until then.
  with changed as (
    update tickets
    set order_id = holder, version = version + 1
    where id = p_ticket and deleted_at is null and order_id is distinct from holder
      and (order_id is null or exists (select from ticket_orders k where k.order_id = tickets.order_id))
    returning id, ticket_event(tickets) as data
  )
  insert into outbox (type, subject, data, traceparent)
  select 'ticket:updated', id, data, p_traceparent from changed;
end $$;
