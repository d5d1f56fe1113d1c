-- A relay is notified while it sleeps. One that is awake looks by itself, and says so with a lock: all transactions of a server
-- that notify commit one after the other, and each waits for the disk.
create or replace function outbox_notify() returns trigger language plpgsql as $$
begin
  if pg_try_advisory_xact_lock_shared(418614700901) then
    perform pg_notify('outbox', '');
  end if;
  return null;
end $$;
