-- Expand: the seller under another name. Whoever writes knows one of the two names, and the other follows.
alter table tickets add column sold_by uuid;

create function tickets_keep_in_step() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.sold_by := coalesce(new.sold_by, new.user_id);
    new.user_id := coalesce(new.user_id, new.sold_by);
  elsif new.sold_by is distinct from old.sold_by then
    new.user_id := new.sold_by;
  else
    new.sold_by := new.user_id;
  end if;
  return new;
end $$;

create trigger tickets_keep_in_step before insert or update on tickets
  for each row execute function tickets_keep_in_step();
