-- Who noted an item last, and when: whoever writes there at the same time is told whose words these are.
alter table meetings_item add column noted_by text not null default '';
alter table meetings_item add column noted_at bigint;
