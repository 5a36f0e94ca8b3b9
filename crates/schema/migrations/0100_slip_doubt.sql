-- For how long a slip says something about who holds an account (R8): then its giver is not counted as another person.
insert into rules_rule (id, name, measure, value, from_on, known_from_at, origin) values
  ('s26-account-slip_doubt_days-1900-01-01', 'account.slip_doubt_days', 'days', '90', '1900-01-01', 0, '2026 (chưa kiểm chứng)');

update rules_epoch set number = number + 1 where id = 1;
