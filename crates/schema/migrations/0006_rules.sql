-- Rules: dated values with their source, and the table of holidays. Read and written by `rules` only.
--
-- In meaning these tables only grow: a correction closes `known_to_at` and adds a row, so that "what
-- did we know then" has an answer. 253402189200000 is the beginning of 9999-12-31 in Vietnam: open.
create table rules_rule (
  id text primary key,
  name text not null,
  variant text not null default '',
  measure text not null check (measure in ('days','working_days','months','years','hours','minutes',
    'day_of_month','count','money','ratio','percent','flag','text','table')),
  value text not null,
  from_on text not null,
  to_on text not null default '9999-12-31',
  known_from_at bigint not null,
  known_to_at bigint not null default 253402189200000,
  document text not null default '',
  document_on text not null default '',
  clause text not null default '',
  origin text not null,
  note text not null default '',
  preferred bigint not null default 0 check (preferred in (0, 1)),
  verified_on text not null default '',
  verified_by text not null default '',
  verified_basis text not null default '',
  replaces_id text not null default '',
  added_by text not null default '',
  closed_by text not null default '',
  check (from_on < to_on),
  check (known_from_at <= known_to_at)
);
create index rules_rule_name on rules_rule(name, variant, from_on);

create table rules_holiday (
  id text primary key,
  day_on text not null,
  kind text not null check (kind in ('holiday','swapped_off','swapped_work')),
  name text not null,
  document text not null default '',
  origin text not null,
  known_from_at bigint not null,
  known_to_at bigint not null default 253402189200000,
  added_by text not null default '',
  closed_by text not null default '',
  check (known_from_at <= known_to_at)
);
create unique index rules_holiday_day_on on rules_holiday(day_on) where known_to_at = 253402189200000;

create table rules_holiday_year (
  year bigint primary key,
  complete bigint not null check (complete in (0, 1)),
  document text not null default '',
  stated_by text not null default '',
  stated_at bigint not null
);

-- One row, counted up by every write: what is held in memory is read again when it has moved.
create table rules_epoch (
  id bigint primary key check (id = 1),
  number bigint not null
);
insert into rules_epoch (id, number) values (1, 1);

insert into rules_rule (id, name, measure, value, from_on, known_from_at, origin, note) values
  ('s26-rules-trigger_day_counts-1900-01-01', 'rules.trigger_day_counts', 'flag', 'no', '1900-01-01', 0,
   '2026 (chưa kiểm chứng)', 'ngày xảy ra sự việc không tính; cần hỏi lại');
