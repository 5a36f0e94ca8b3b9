-- What a member says is wrong in the own record, until somebody who may write it has answered. The value and the
-- reason are sealed: they may be a number or tell of a life. One open one a person and field.
create table people_correction (
  id text primary key,
  member_id text not null references people_member(id),
  field text not null,
  value_sealed text not null,
  reason_sealed text not null,
  state text not null default 'open' check (state in ('open', 'accepted', 'declined', 'withdrawn')),
  made_at bigint not null,
  ended_at bigint not null default 0,
  ended_by text not null default '',
  answer_sealed text not null default ''
);
create unique index people_correction_one_open on people_correction(member_id, field) where state = 'open';
create index people_correction_of_member on people_correction(member_id, made_at);
create index people_correction_open on people_correction(made_at) where state = 'open';
