-- What the holder of a post handed to the next one: the lines that were printed for both to sign, as they stood.
-- A paper of its own: it names the time in the post and does not hold on to its row.
create table people_handover (
  id text primary key,
  holding_id text not null unique,
  unit_id text not null references people_unit(id),
  from_id text not null references people_member(id),
  to_id text not null references people_member(id),
  lines_json text not null,
  note text not null default '',
  handed_by text not null,
  handed_at bigint not null
);
create index people_handover_from on people_handover(from_id);
create index people_handover_to on people_handover(to_id);

-- Since when the end of a term is told before it comes.
insert into rules_rule (id, name, measure, value, note, from_on, known_from_at, origin) values
  ('s26-people-term_ahead_days-1900-01-01', 'people.term_ahead_days', 'days', '90', 'một quý: đủ để chuẩn bị nhân sự và bàn giao', '1900-01-01', 0, '2026 (chưa kiểm chứng)');

update rules_epoch set number = number + 1 where id = 1;
