-- Tickets, as their sellers make them, and the orders that hold them.

create extension if not exists pg_trgm;

create table tickets (
  id uuid primary key default gen_random_uuid(),
  -- Newest first, and where a page ends.
  seq bigint generated always as identity,
  title text not null check (char_length(title) between 1 and 200),
  -- Minor units.
  price bigint not null check (price between 1 and 99999999),
  user_id uuid not null,
  -- The order that holds it: reserved or sold.
  order_id uuid,
  version integer not null default 0,
  -- The last edit or deletion, so that the same one asked for again is known.
  last_write uuid,
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);

create index tickets_on_sale on tickets (seq desc) where order_id is null and deleted_at is null;
create index tickets_title on tickets using gin (title gin_trgm_ops)
  where order_id is null and deleted_at is null;

-- What this service knows of each order, by the order's own version.
create table ticket_orders (
  order_id uuid primary key,
  ticket_id uuid not null,
  version integer not null,
  status text not null check (status in ('created', 'cancelled', 'complete')),
  expires_at timestamptz
);

create index ticket_orders_holding on ticket_orders (ticket_id) where status <> 'cancelled';

create table inbox (
  event_id uuid primary key,
  handled_at timestamptz not null default now()
);

create table outbox (
  seq bigint generated always as identity primary key,
  id uuid not null unique default gen_random_uuid(),
  type text not null,
  subject text not null,
  data jsonb not null,
  traceparent text,
  time timestamptz not null default now()
);

create function outbox_notify() returns trigger language plpgsql as $$
begin
  perform pg_notify('outbox', '');
  return null;
end $$;

create trigger outbox_notify after insert on outbox
  for each statement execute function outbox_notify();

-- A ticket as clients see it.
create function ticket_json(t tickets) returns json language sql immutable as $$
  select json_strip_nulls(json_build_object(
    'id', t.id, 'title', t.title, 'price', trim_scale(t.price / 100.0),
    'userId', t.user_id, 'orderId', t.order_id, 'version', t.version))
$$;

-- A ticket as the other services hear of it: the whole state and its version.
create function ticket_event(t tickets) returns jsonb language sql immutable as $$
  select ticket_json(t)::jsonb
$$;

-- One event of orders. Versions decide, so that any order of events and any repetition end alike.
create function apply_order(
  p_event uuid, p_order uuid, p_ticket uuid, p_version bigint, p_status text,
  p_expires_at timestamptz, p_traceparent text
) returns void language plpgsql as $$
declare
  holder uuid;
begin
  insert into inbox (event_id) values (p_event) on conflict do nothing;
  if not found then
    return;
  end if;

  -- Two events about one ticket: without this lock each could miss the row that the other writes,
  -- and the later one would put the wrong holder down.
  perform pg_advisory_xact_lock(hashtextextended(p_ticket::text, 0));

  insert into ticket_orders as known (order_id, ticket_id, version, status, expires_at)
  values (p_order, p_ticket, p_version, p_status, p_expires_at)
  on conflict (order_id) do update
    set version = excluded.version, status = excluded.status,
        expires_at = coalesce(excluded.expires_at, known.expires_at)
    where known.version < excluded.version;

  -- Orders never has two at once; while a cancellation is still on its way, the newer one counts.
  select order_id into holder
  from ticket_orders
  where ticket_id = p_ticket and status <> 'cancelled'
  order by expires_at desc nulls last
  limit 1;

  with changed as (
    update tickets
    set order_id = holder, version = version + 1
    where id = p_ticket and deleted_at is null and order_id is distinct from holder
    returning id, ticket_event(tickets) as data
  )
  insert into outbox (type, subject, data, traceparent)
  select 'ticket:updated', id, data, p_traceparent from changed;
end $$;
