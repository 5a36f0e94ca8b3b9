-- Who is prepared for admission is no member yet: the body of a members' meeting is its full members
-- (domain reference, 4). Without these rows a candidate on the roll was somebody without a rule.
insert into rules_rule (id, name, variant, measure, value, from_on, known_from_at,
  document, document_on, clause, origin) values
  ('s26-people-standing-candidate-official-1900-01-01', 'people.standing', 'candidate/official', 'table', '{"counts":"never","may_vote":false,"may_stand":false,"pays_dues":false}', '1900-01-01', 0, '294-QĐ/TW', '2025-05-26', '9.3.2', '2026 (chưa kiểm chứng)'),
  ('s26-people-standing-candidate-official_away-1900-01-01', 'people.standing', 'candidate/official_away', 'table', '{"counts":"never","may_vote":false,"may_stand":false,"pays_dues":false}', '1900-01-01', 0, '294-QĐ/TW', '2025-05-26', '9.3.2', '2026 (chưa kiểm chứng)'),
  ('s26-people-standing-candidate-temporary-1900-01-01', 'people.standing', 'candidate/temporary', 'table', '{"counts":"never","may_vote":false,"may_stand":false,"pays_dues":false}', '1900-01-01', 0, '294-QĐ/TW', '2025-05-26', '9.3.2', '2026 (chưa kiểm chứng)')
on conflict (id) do nothing;
