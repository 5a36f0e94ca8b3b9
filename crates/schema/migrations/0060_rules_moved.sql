-- Rules that stood in tables and settings of their own move to `rules_rule`. Nothing reads
-- `meetings_rule` and `people_standing_rule` any more; a later step drops them.
--
-- A row of the installation gets the id that the rule set "2026 (chưa kiểm chứng)" gives it, so that
-- loading the set does not put it there twice; what an office had changed stays as it had changed it.
insert into rules_rule (id, name, variant, measure, value, from_on, to_on, known_from_at,
  document, document_on, clause, origin, verified_on)
select 's26-people-standing-' || status || '-' || placement || '-' || from_on,
  'people.standing', status || '/' || placement, 'table',
  '{"counts":"' || counts || '","may_vote":' || case when may_vote = 1 then 'true' else 'false' end
    || ',"may_stand":' || case when may_stand = 1 then 'true' else 'false' end
    || ',"pays_dues":' || case when pays_dues = 1 then 'true' else 'false' end || '}',
  from_on, to_on, 0,
  case when substr(basis, 1, 10) = '294-QĐ/TW ' then '294-QĐ/TW' else basis end,
  case when substr(basis, 1, 10) = '294-QĐ/TW ' then '2025-05-26' else '' end,
  case when substr(basis, 1, 10) = '294-QĐ/TW ' then substr(basis, 11) else '' end,
  '2026 (chưa kiểm chứng)', signed_off_on
from people_standing_rule;

-- Periods of both halves that overlap become one share.
insert into rules_rule (id, name, measure, value, from_on, to_on, known_from_at,
  document, document_on, clause, origin, verified_on)
select 's26-meetings-pass_share-' || case when n.from_on > d.from_on then n.from_on else d.from_on end,
  'meetings.pass_share', 'ratio', cast(n.value as text) || '/' || cast(d.value as text),
  case when n.from_on > d.from_on then n.from_on else d.from_on end,
  case when n.to_on < d.to_on then n.to_on else d.to_on end, 0,
  case when substr(n.basis, 1, 10) = '294-QĐ/TW ' then '294-QĐ/TW' else n.basis end,
  case when substr(n.basis, 1, 10) = '294-QĐ/TW ' then '2025-05-26' else '' end,
  case when substr(n.basis, 1, 10) = '294-QĐ/TW ' then substr(n.basis, 11) else '' end,
  '2026 (chưa kiểm chứng)',
  case when n.verified = 1 and d.verified = 1 then n.from_on else '' end
from meetings_rule n
join meetings_rule d on n.from_on < d.to_on and d.from_on < n.to_on
where n.name = 'pass_num' and d.name = 'pass_den';

insert into rules_rule (id, name, measure, value, from_on, to_on, known_from_at,
  document, document_on, origin, verified_on)
select 's26-meetings-' || name || '-' || from_on, 'meetings.' || name,
  case when name = 'regular_due_day' then 'day_of_month' else 'days' end,
  cast(value as text), from_on, to_on, 0,
  case when basis = '42-HD/BTCTW (28/10/2025)' then '42-HD/BTCTW' else basis end,
  case when basis = '42-HD/BTCTW (28/10/2025)' then '2025-10-28' else '' end,
  '2026 (chưa kiểm chứng)', case when verified = 1 then from_on else '' end
from meetings_rule
where name in ('regular_due_day', 'plan_ahead_days', 'papers_days', 'minutes_days');

-- The setting, where it is a whole number; else the figure that the program had.
insert into rules_rule (id, name, measure, value, from_on, known_from_at, origin)
select 's26-people-former_days-1900-01-01', 'people.former_days', 'days',
  coalesce((select trim(value) from admin_setting where name = 'people.former_days'
    and length(trim(value)) between 1 and 4
    and replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(trim(value),
      '0', ''), '1', ''), '2', ''), '3', ''), '4', ''), '5', ''), '6', ''), '7', ''), '8', ''), '9', '') = ''),
    '90'),
  '1900-01-01', 0, '2026 (chưa kiểm chứng)';

-- The figure that stood in code.
insert into rules_rule (id, name, measure, value, from_on, known_from_at, origin) values
  ('s26-account-slip_days-1900-01-01', 'account.slip_days', 'days', '14', '1900-01-01', 0, '2026 (chưa kiểm chứng)');

update rules_epoch set number = number + 1 where id = 1;
