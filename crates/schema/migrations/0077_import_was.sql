-- What a thing was before a run changed it and what the run left, sealed: for taking the change back while
-- the thing is as it was left. Empty for what the run added.
alter table import_made add column was_sealed text not null default '';
