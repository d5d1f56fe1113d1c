-- What makes JSON reads settings, so these are stable. Postgres puts the body of a stable function into the statement that
-- calls it; one that claims to be immutable, but calls what is not, it parses and plans anew in each statement.
alter function order_cancelled(orders) stable;
alter function order_completed(orders) stable;
