-- A wrong paper that is taken off when the meeting is over: the record keeps who did it, when and why.
alter table meetings_file add column withdrawn_at bigint;
alter table meetings_file add column withdrawn_by text not null default '';
alter table meetings_file add column withdrawn_why text not null default '';
