-- Accounts.

create table users (
  id uuid primary key default gen_random_uuid(),
  -- As it was typed at sign-up.
  email text not null check (octet_length(email) between 3 and 254),
  -- A PHC string: argon2id with its parameters and salt.
  password_hash text not null,
  created_at timestamptz not null default now()
);

-- Addresses are compared without case. Decides which of two sign-ups with one address wins.
create unique index users_email on users (lower(email));
