-- Sign-up against sign-up with one address: the unique index decides, and the loser gets no row. Nor does a
-- sign-up that is asked for again: its account is there, under the same id.
insert into users (id, email, password_hash)
values ($1, $2, $3)
on conflict do nothing
returning id
