-- Whom members and papers are brought to: committees and offices, of this house or outside it. What is said of one
-- holds from a day to a day; one that is over stays, for papers that name it.
create table people_body (
  id text primary key,
  name text not null,
  name_fold {{path}} not null,
  name_key {{path}} not null,
  keeper_id text not null references people_unit(id),
  unit_id text not null default '',
  address text not null default '',
  phone text not null default '',
  hours text not null default '',
  receiver text not null default '',
  takes text not null default '',
  is_public bigint not null default 0 check (is_public in (0, 1)),
  from_on text not null,
  to_on text not null default '9999-12-31',
  row_version bigint not null default 1,
  changed_at bigint not null,
  changed_by text not null default '',
  check (from_on < to_on)
);
create index people_body_name on people_body(name_key, id);
create index people_body_unit on people_body(unit_id);
