-- Who is no member any more counts nowhere, whatever placement is still open (governance reference, 3):
-- without these rows the roll of a cell with one such person had no answer.
insert into rules_rule (id, name, variant, measure, value, from_on, known_from_at, origin) values
  ('s26-people-standing-left-official-1900-01-01', 'people.standing', 'left/official', 'table', '{"counts":"never","may_vote":false,"may_stand":false,"pays_dues":false}', '1900-01-01', 0, '2026 (chưa kiểm chứng)'),
  ('s26-people-standing-left-official_away-1900-01-01', 'people.standing', 'left/official_away', 'table', '{"counts":"never","may_vote":false,"may_stand":false,"pays_dues":false}', '1900-01-01', 0, '2026 (chưa kiểm chứng)'),
  ('s26-people-standing-left-temporary-1900-01-01', 'people.standing', 'left/temporary', 'table', '{"counts":"never","may_vote":false,"may_stand":false,"pays_dues":false}', '1900-01-01', 0, '2026 (chưa kiểm chứng)'),
  ('s26-people-standing-deceased-official-1900-01-01', 'people.standing', 'deceased/official', 'table', '{"counts":"never","may_vote":false,"may_stand":false,"pays_dues":false}', '1900-01-01', 0, '2026 (chưa kiểm chứng)'),
  ('s26-people-standing-deceased-official_away-1900-01-01', 'people.standing', 'deceased/official_away', 'table', '{"counts":"never","may_vote":false,"may_stand":false,"pays_dues":false}', '1900-01-01', 0, '2026 (chưa kiểm chứng)'),
  ('s26-people-standing-deceased-temporary-1900-01-01', 'people.standing', 'deceased/temporary', 'table', '{"counts":"never","may_vote":false,"may_stand":false,"pays_dues":false}', '1900-01-01', 0, '2026 (chưa kiểm chứng)'),
  ('s26-people-standing-struck_off-official-1900-01-01', 'people.standing', 'struck_off/official', 'table', '{"counts":"never","may_vote":false,"may_stand":false,"pays_dues":false}', '1900-01-01', 0, '2026 (chưa kiểm chứng)'),
  ('s26-people-standing-struck_off-official_away-1900-01-01', 'people.standing', 'struck_off/official_away', 'table', '{"counts":"never","may_vote":false,"may_stand":false,"pays_dues":false}', '1900-01-01', 0, '2026 (chưa kiểm chứng)'),
  ('s26-people-standing-struck_off-temporary-1900-01-01', 'people.standing', 'struck_off/temporary', 'table', '{"counts":"never","may_vote":false,"may_stand":false,"pays_dues":false}', '1900-01-01', 0, '2026 (chưa kiểm chứng)'),
  ('s26-people-standing-expelled-official-1900-01-01', 'people.standing', 'expelled/official', 'table', '{"counts":"never","may_vote":false,"may_stand":false,"pays_dues":false}', '1900-01-01', 0, '2026 (chưa kiểm chứng)'),
  ('s26-people-standing-expelled-official_away-1900-01-01', 'people.standing', 'expelled/official_away', 'table', '{"counts":"never","may_vote":false,"may_stand":false,"pays_dues":false}', '1900-01-01', 0, '2026 (chưa kiểm chứng)'),
  ('s26-people-standing-expelled-temporary-1900-01-01', 'people.standing', 'expelled/temporary', 'table', '{"counts":"never","may_vote":false,"may_stand":false,"pays_dues":false}', '1900-01-01', 0, '2026 (chưa kiểm chứng)')
on conflict (id) do nothing;
