-- Numbers of letters of introduction, given when a letter is issued: one row a unit and year, taken within the act.
create table people_letter (
  unit_id text not null references people_unit(id),
  year bigint not null,
  last_number bigint not null,
  primary key (unit_id, year)
);

-- Why one waits past its days, as one of the two sides says.
alter table people_transfer add column late_reason text not null default '';
alter table people_transfer add column late_by text not null default '';

-- How long a stay for a time is to be; where the rule set was loaded before, its rows stand already.
insert into rules_rule (id, name, measure, value, from_on, known_from_at, document, document_on, clause, note, origin)
select 's26-people-temporary_least_months-2025-07-01', 'people.temporary_least_months', 'months', '3', '2025-07-01', 0, '294-QĐ/TW', '2025-05-26', '6.3.2', 'đọc trong văn bản; văn bản đã được thay thế năm 2026', '2026 (chưa kiểm chứng)'
where not exists (select 1 from rules_rule where id = 's26-people-temporary_least_months-2025-07-01');

insert into rules_rule (id, name, variant, measure, value, from_on, known_from_at, document, document_on, clause, note, origin)
select 's26-people-temporary_most_months-away-2025-07-01', 'people.temporary_most_months', 'away', 'months', '12', '2025-07-01', 0, '294-QĐ/TW', '2025-05-26', '6.3.2', 'dưới 12 tháng', '2026 (chưa kiểm chứng)'
where not exists (select 1 from rules_rule where id = 's26-people-temporary_most_months-away-2025-07-01');

insert into rules_rule (id, name, variant, measure, value, from_on, known_from_at, document, document_on, clause, note, origin)
select 's26-people-temporary_most_months-study-2025-07-01', 'people.temporary_most_months', 'study', 'months', '24', '2025-07-01', 0, '294-QĐ/TW', '2025-05-26', '6.3.2', 'đọc trong văn bản; văn bản đã được thay thế năm 2026', '2026 (chưa kiểm chứng)'
where not exists (select 1 from rules_rule where id = 's26-people-temporary_most_months-study-2025-07-01');
