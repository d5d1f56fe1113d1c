-- The ticket and its event in one transaction: both or none.
with sold as (
  insert into tickets (title, price, user_id)
  values ($1, $2, $3)
  returning id, ticket_json(tickets) as ticket, ticket_event(tickets) as data
), published as (
  insert into outbox (type, subject, data, traceparent)
  select 'ticket:created', id, data, $4 from sold
)
select ticket::text from sold
