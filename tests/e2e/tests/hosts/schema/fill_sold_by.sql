-- Apart from the column, whose migration locks the whole table: this one locks rows.
update tickets set sold_by = user_id where sold_by is null;
