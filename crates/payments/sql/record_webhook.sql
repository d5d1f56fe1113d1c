-- The same event delivered twice, perhaps at once: the key decides, and only one delivery is handled.
-- The signature's age is judged by the database's clock.
with moment as (
  select $4::bigint >= extract(epoch from now()) - 300 as fresh
), recorded as (
  insert into webhook_events (id, type, payload)
  select $1, $2, $3::jsonb from moment where fresh
  on conflict (id) do nothing
  returning id
)
select fresh, exists (select from recorded) as new from moment
