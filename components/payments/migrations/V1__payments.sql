-- Payments, what Stripe tells of them, and this service's copy of the orders that they are for.

create table orders (
  id uuid primary key,
  -- Null until order:created is here: an event that overtook it left its version and status only.
  user_id uuid,
  -- Minor units.
  price bigint,
  expires_at timestamptz,
  status text not null check (status in ('created', 'cancelled', 'complete')),
  version bigint not null,
  -- The lowest and the highest version of an order:cancelled. Orders cancels an order once, and says
  -- so once more with a higher version only to refuse a payment. So two versions mean a refund.
  cancelled_first bigint,
  cancelled_last bigint
);

-- At most one for an order, and at most one PaymentIntent for a payment: an intent captures once.
create table payments (
  id uuid primary key default gen_random_uuid(),
  order_id uuid not null unique,
  user_id uuid not null,
  -- Minor units.
  amount bigint not null check (amount > 0),
  currency text not null,
  status text not null default 'pending' check (status in (
    'pending', 'requires_action', 'declined', 'succeeded', 'refunding', 'refunded', 'canceled')),
  -- Counts the cards that were tried. An answer of Stripe's counts only for the attempt that it is about.
  attempt integer not null default 1,
  -- The current attempt's card: a PaymentMethod (pm_…) or a token (tok_…).
  payment_method text not null,
  -- The request that claimed the current attempt, so that the same one asked again is known.
  last_write uuid,
  -- The PaymentIntent. Recorded before it is confirmed, so what may be captured is always known.
  stripe_id text unique,
  -- The attempt whose card the PaymentIntent was created with.
  intent_attempt integer,
  -- What a browser needs to let the card's holder authenticate.
  client_secret text,
  redirect_url text,
  -- Why the last attempt failed, and in what words a visitor may read it.
  decline_kind text check (decline_kind in ('card', 'token', 'order', 'outage')),
  decline_message text,
  refund_reason text,
  refund_attempt integer not null default 1,
  -- Minor units that Stripe has given back, by us or from its dashboard.
  amount_refunded bigint not null default 0,
  disputed_at timestamptz,
  dispute_reason text,
  -- When the reconciler looks at it next, and how often it has since something last changed.
  -- Taking a payment moves this on, which is the lease that keeps a second host away.
  next_check_at timestamptz,
  checks integer not null default 0,
  traceparent text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create index payments_due on payments (next_check_at) where next_check_at is not null;

-- Every event that Stripe has sent, before it was acknowledged.
create table webhook_events (
  id text primary key,
  type text not null,
  payload jsonb not null,
  received_at timestamptz not null default now(),
  handled_at timestamptz,
  tries integer not null default 0,
  -- The first try is made by whoever receives it.
  next_try_at timestamptz not null default now() + interval '10 seconds'
);

create index webhook_events_waiting on webhook_events (next_try_at) where handled_at is null;

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

create function payments_touch() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end $$;

create trigger payments_touch before update on payments
  for each row execute function payments_touch();
