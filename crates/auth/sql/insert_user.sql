-- Sign-up against sign-up with one address: the unique index decides, and the loser gets no row.
insert into users (id, email, password_hash)
values ($1, $2, $3)
on conflict (lower(email)) do nothing
returning id
