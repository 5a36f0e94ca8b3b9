-- The queue: work that outlives the request that asked for it, and when scheduled work last ran.
-- `due_at` says when somebody should next look at a row: for one that waits the moment it may
-- begin, for one that runs the end of its lease. So one index answers every poll.

create table jobs_job (
  id text primary key,
  kind text not null,
  key text not null,
  once_ever bigint not null default 0 check (once_ever in (0, 1)),
  subject text not null default '',
  unit_id text not null default '',
  asked_by text not null default '',
  payload text not null default 'null',
  saved text not null default '',
  state text not null check (state in ('waiting', 'running', 'stopping', 'done', 'failed', 'stopped')),
  attempts bigint not null default 0,
  due_at bigint not null,
  worker text not null default '',
  lease text not null default '',
  error text not null default '',
  done bigint not null default 0,
  total bigint not null default 0,
  note text not null default '',
  note_args text not null default '[]',
  created_at bigint not null,
  began_at bigint not null default 0,
  ended_at bigint not null default 0
);
create unique index jobs_job_kind_key on jobs_job(kind, key)
  where state in ('waiting', 'running', 'stopping') or once_ever = 1;
create index jobs_job_due on jobs_job(due_at, kind)
  where state in ('waiting', 'running', 'stopping');
create index jobs_job_ended on jobs_job(ended_at)
  where state in ('done', 'failed', 'stopped');
create index jobs_job_state on jobs_job(state, id);

create table jobs_schedule (
  name text primary key,
  last_at bigint not null
);
