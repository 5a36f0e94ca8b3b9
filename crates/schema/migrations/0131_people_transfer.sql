-- A member who is to move to another unit of this handbook, or to be there for a time: what the one side has sent,
-- until the other side takes it up, sends it back, or the first takes it back. One that waits a person.
create table people_transfer (
  id text primary key,
  member_id text not null references people_member(id),
  kind text not null check (kind in ('official', 'temporary')),
  from_unit text not null references people_unit(id),
  to_unit text not null references people_unit(id),
  home_id text not null,
  letter_no text not null default '',
  letter_on text not null,
  until_on text not null default '',
  note text not null default '',
  state text not null default 'sent',
  prepared_by text not null,
  sent_at bigint not null,
  sent_by text not null default '',
  show_due text not null,
  start_due text not null,
  starts_on text not null default '',
  placement_id text not null default '',
  ended_at bigint not null default 0,
  ended_by text not null default '',
  reason text not null default ''
);
create unique index people_transfer_one on people_transfer(member_id) where state = 'sent';
create index people_transfer_to on people_transfer(to_unit, state);
create index people_transfer_from on people_transfer(from_unit, state);

-- The days of which the program tells; where the rule set was loaded before, its rows stand already.
insert into rules_rule (id, name, measure, value, from_on, known_from_at, document, document_on, clause, note, origin)
select 's26-people-transfer_start-2025-07-01', 'people.transfer_start', 'working_days', '60', '2025-07-01', 0, '294-QĐ/TW', '2025-05-26', '6.3.1', 'đọc trong văn bản; văn bản đã được thay thế năm 2026', '2026 (chưa kiểm chứng)'
where not exists (select 1 from rules_rule where id = 's26-people-transfer_start-2025-07-01');

insert into rules_rule (id, name, measure, value, from_on, known_from_at, document, document_on, clause, note, origin)
select 's26-people-transfer_show-2025-07-01', 'people.transfer_show', 'working_days', '30', '2025-07-01', 0, '294-QĐ/TW', '2025-05-26', '6.3.1', 'kể từ khi cấp giấy giới thiệu', '2026 (chưa kiểm chứng)'
where not exists (select 1 from rules_rule where id = 's26-people-transfer_show-2025-07-01');
