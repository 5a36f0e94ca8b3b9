-- What could not be brought into the search index: set aside, so that one thing never stops the others.
-- A row goes when the thing changes again or the index is built anew and it succeeds.

create table feed_trouble (
  kind text not null,
  subject_id text not null,
  told text not null,
  at bigint not null,
  primary key (kind, subject_id)
);
