-- A member who goes to a body of another house, until it is known that they arrived; and one who came from there, with
-- the paper that they brought. One that is on the way a person.
create table people_outside (
  id text primary key,
  way text not null,
  member_id text not null references people_member(id),
  unit_id text not null references people_unit(id),
  body_id text not null default '',
  body_name text not null,
  home_id text not null default '',
  letter_no text not null default '',
  letter_on text not null,
  note text not null default '',
  state text not null,
  prepared_by text not null default '',
  sent_at bigint not null,
  sent_by text not null default '',
  show_due text not null default '',
  start_due text not null default '',
  starts_on text not null default '',
  ended_at bigint not null default 0,
  ended_by text not null default '',
  reason text not null default '',
  late_reason text not null default '',
  late_by text not null default ''
);
create unique index people_outside_one on people_outside(member_id) where state = 'sent';
create index people_outside_unit on people_outside(unit_id, state);
create index people_outside_member on people_outside(member_id, sent_at);
