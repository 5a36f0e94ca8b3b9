-- A meeting held beside those of the plan, for one matter. A column of its own: the list of kinds stands in a
-- constraint that SQLite cannot change, and such a meeting follows no rule of the regular one.
alter table meetings_meeting add column special bigint not null default 0 check (special in (0, 1));
