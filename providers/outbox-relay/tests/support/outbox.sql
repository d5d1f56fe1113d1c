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
  if pg_try_advisory_xact_lock_shared(418614700901) then
    perform pg_notify('outbox', '');
  end if;
  return null;
end $$;

create trigger outbox_notify after insert on outbox
  for each statement execute function outbox_notify();
