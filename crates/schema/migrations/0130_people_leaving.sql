-- Who is a member no more: how, since which day, by which decision; what they were before, so that lists of earlier
-- days read as they did, and what ended with it, so that a record made by mistake can be taken back. One that holds
-- a person; one taken back stays.
create table people_leaving (
  id text primary key,
  member_id text not null references people_member(id),
  unit_id text not null references people_unit(id),
  how text not null,
  left_on text not null,
  decision_no text not null default '',
  decision_on text not null default '',
  note text not null default '',
  was_status text not null,
  was_from_on text not null default '',
  ended_json text not null,
  recorded_at bigint not null,
  recorded_by text not null default '',
  event_id text not null,
  back_at bigint not null default 0,
  back_by text not null default '',
  back_event text not null default ''
);
create unique index people_leaving_one on people_leaving(member_id) where back_at = 0;
create index people_leaving_member on people_leaving(member_id, left_on);
