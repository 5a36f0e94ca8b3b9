-- What would have been written from the record when minutes were saved: so later figures come in where nobody
-- wrote other words.
alter table meetings_revision add column recorded text not null default '';
