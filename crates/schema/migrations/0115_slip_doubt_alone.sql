-- The same doubt where nobody else is free to agree: it lasts over one monthly meeting (decision 10).
insert into rules_rule (id, name, measure, value, note, from_on, known_from_at, origin) values
  ('s26-account-slip_doubt_alone_days-1900-01-01', 'account.slip_doubt_alone_days', 'days', '30', 'khi không còn ai khác duyệt được: qua một kỳ sinh hoạt hằng tháng', '1900-01-01', 0, '2026 (chưa kiểm chứng)');

update rules_epoch set number = number + 1 where id = 1;
