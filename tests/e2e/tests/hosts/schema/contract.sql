-- Contract: no version is left that knows the old name.
drop trigger tickets_keep_in_step on tickets;
drop function tickets_keep_in_step();
alter table tickets alter column sold_by set not null;
alter table tickets drop column user_id;
