-- What the search index must look at again, numbered in the order of the commits.
-- The counter row is locked by each writer until it commits, so no number appears late.

create table feed_counter (
  name text primary key,
  value bigint not null
);
insert into feed_counter (name, value) values ('search', 0);

create table feed_change (
  seq bigint primary key,
  kind text not null,
  subject_id text not null
);
create index feed_change_subject on feed_change(kind, subject_id);

-- What changes while running: names, logo, limits, voice.
create table admin_setting (
  name text primary key,
  value text not null,
  changed_at bigint not null,
  changed_by text not null default ''
);
