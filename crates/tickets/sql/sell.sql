-- The ticket and its event in one transaction: both or none. Asked again under the same id, it answers with
-- the ticket that there is.
with sold as (
  insert into tickets (id, title, price, user_id)
  values (coalesce($5, gen_random_uuid()), $1, $2, $3)
  on conflict (id) do nothing
  returning id, ticket_json(tickets) as ticket, ticket_event(tickets) as data
), published as (
  insert into outbox (type, subject, data, traceparent)
  select 'ticket:created', id, data, $4 from sold
)
select ticket::text from sold
union all
select ticket_json(t)::text from tickets t where t.id = $5 and t.user_id = $3
