-- What is said to a decision on an absence; whoever asked reads it.
alter table meetings_absence add column decision_note text not null default '';
