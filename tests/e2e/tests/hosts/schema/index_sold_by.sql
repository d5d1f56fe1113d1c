-- Apart from the fill: holding rows while it waits for the table, it would be in a deadlock with whoever edits one.
create index tickets_sold_by on tickets (sold_by, seq desc) where deleted_at is null;
