-- What makes JSON reads settings, so these are stable. Postgres puts the body of a stable function into the statement that
-- calls it; one that claims to be immutable, but calls what is not, it parses and plans anew in each statement.
alter function ticket_json(tickets) stable;
alter function ticket_event(tickets) stable;
