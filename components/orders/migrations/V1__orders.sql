-- Orders, and this service's copy of the tickets that they are for.

create table tickets (
  id uuid primary key,
  version integer not null,
  title text not null,
  -- Minor units.
  price bigint not null,
  deleted boolean not null default false
);

create table orders (
  id uuid primary key default gen_random_uuid(),
  -- Newest first, and where a page ends.
  seq bigint generated always as identity,
  user_id uuid not null,
  status text not null default 'created'
    check (status in ('created', 'awaiting:payment', 'complete', 'cancelled')),
  -- What cancelled it: only what time cancelled can be revived by a payment that comes late, and
  -- not once such a payment was refused: by then the money may be on its way back.
  cancelled_by text check (cancelled_by in ('buyer', 'seller', 'expiration', 'refusal')),
  expires_at timestamptz not null,
  ticket_id uuid not null,
  -- Title and price at the time of the order.
  title text not null,
  price bigint not null,
  version integer not null default 0,
  created_at timestamptz not null default now(),
  check ((status = 'cancelled') = (cancelled_by is not null))
);

-- The promise that nothing is sold twice: a ticket has at most one order that is not cancelled.
create unique index orders_one_active on orders (ticket_id) where status <> 'cancelled';
create index orders_of_buyer on orders (user_id, seq desc);

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

create function rfc3339(t timestamptz) returns text language sql stable as $$
  select to_char(t at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- An order as its buyer sees it.
create function order_json(o orders) returns json language sql stable as $$
  -- Stripping NULLs, of which there are none, also strips blanks.
  select json_strip_nulls(json_build_object(
    'id', o.id, 'userId', o.user_id, 'status', o.status, 'expiresAt', rfc3339(o.expires_at),
    'version', o.version,
    'ticket', json_build_object('id', o.ticket_id, 'title', o.title, 'price', trim_scale(o.price / 100.0))))
$$;

-- An order as the other services hear of it.
create function order_created(o orders) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', o.id, 'version', o.version, 'status', o.status, 'userId', o.user_id,
    'expiresAt', rfc3339(o.expires_at),
    'ticket', jsonb_build_object('id', o.ticket_id, 'price', trim_scale(o.price / 100.0)))
$$;

create function order_cancelled(o orders) returns jsonb language sql immutable as $$
  select jsonb_build_object(
    'id', o.id, 'version', o.version, 'ticket', jsonb_build_object('id', o.ticket_id))
$$;

create function order_completed(o orders) returns jsonb language sql immutable as $$
  select order_cancelled(o)
$$;

-- One event of tickets. Versions decide, so that any order of events and any repetition end alike.
create function apply_ticket(
  p_event uuid, p_id uuid, p_version bigint, p_title text, p_price bigint, p_deleted boolean,
  p_traceparent text
) returns void language plpgsql as $$
begin
  insert into inbox (event_id) values (p_event) on conflict do nothing;
  if not found then
    return;
  end if;

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

-- One captured payment; every one is answered, so that payments knows what to do with the money:
-- order:completed, or one more order:cancelled with a higher version than the one before.
-- False when there is no such order.
create function settle_payment(p_event uuid, p_order uuid, p_traceparent text)
returns boolean language plpgsql as $$
declare
  known orders;
begin
  select * into known from orders where id = p_order for update;
  if not found then
    return false;
  end if;

  insert into inbox (event_id) values (p_event) on conflict do nothing;
  if not found then
    return true;
  end if;

  if known.status <> 'cancelled' then
    update orders
    set status = 'complete', version = version + 1
    where id = p_order and status <> 'complete';
  elsif known.cancelled_by = 'expiration' then
    -- Paid too late: the order lives again when nobody else has the ticket. Against a new
    -- reservation the unique index decides, against a deletion the lock on the ticket.
    begin
      perform from tickets where id = known.ticket_id and not deleted for share;
      if found then
        update orders
        set status = 'complete', cancelled_by = null, version = version + 1
        where id = p_order;
      end if;
    exception when unique_violation then
      null;
    end;
  end if;

  select * into known from orders where id = p_order;
  if known.status = 'complete' then
    insert into outbox (type, subject, data, traceparent)
    values ('order:completed', p_order, order_completed(known), p_traceparent);
  else
    update orders set cancelled_by = 'refusal', version = version + 1
    where id = p_order returning * into known;
    insert into outbox (type, subject, data, traceparent)
    values ('order:cancelled', p_order, order_cancelled(known), p_traceparent);
  end if;
  return true;
end $$;
