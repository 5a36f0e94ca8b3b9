-- Where a person can do by hand what a refused row asked for; empty when nowhere.
alter table uploads_entry add column way_out text not null default '';
