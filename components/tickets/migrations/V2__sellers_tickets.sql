-- A seller's own tickets, newest first, whatever became of them.
create index tickets_of_seller on tickets (user_id, seq desc) where deleted_at is null;
