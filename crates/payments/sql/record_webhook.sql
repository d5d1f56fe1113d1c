-- An event that could not be reflected as it came: kept, to be tried again. The same event delivered twice, perhaps at
-- once: the key decides. The signature's age is judged by the database's clock.
with moment as (
  select $4::bigint >= extract(epoch from now()) - 300 as fresh
), recorded as (
  insert into webhook_events (id, type, payload)
  select $1, $2, $3::jsonb from moment where fresh
  on conflict (id) do nothing
)
select fresh from moment
