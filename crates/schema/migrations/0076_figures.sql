-- Figures that stood in code: how many names leave by one person's word, how long probation is. Where the
-- rule set was loaded before, its rows stand already.
insert into rules_rule (id, name, measure, value, from_on, known_from_at, document, document_on, origin)
select 's26-people-export_alone-1900-01-01', 'people.export_alone', 'count', '200', '1900-01-01', 0, '', '', '2026 (chưa kiểm chứng)'
where not exists (select 1 from rules_rule where id = 's26-people-export_alone-1900-01-01');

insert into rules_rule (id, name, measure, value, from_on, known_from_at, document, document_on, origin)
select 's26-people-probation_months-2025-07-01', 'people.probation_months', 'months', '12', '2025-07-01', 0, '06-HD/TW', '2025-06-09', '2026 (chưa kiểm chứng)'
where not exists (select 1 from rules_rule where id = 's26-people-probation_months-2025-07-01');

insert into rules_rule (id, name, measure, value, from_on, known_from_at, document, document_on, origin)
select 's26-people-probation_more_months-2025-11-21', 'people.probation_more_months', 'months', '12', '2025-11-21', 0, '02-HD/BTCTU', '2025-11-21', '2026 (chưa kiểm chứng)'
where not exists (select 1 from rules_rule where id = 's26-people-probation_more_months-2025-11-21');
