-- Rights that are lent: for how long at most. Whoever counts who holds a right does not count those it was lent to.
insert into rules_rule (id, name, measure, value, note, from_on, known_from_at, origin) values
  ('s26-people-delegation_days-1900-01-01', 'people.delegation_days', 'days', '30', 'ủy quyền một lần không quá ngần này ngày', '1900-01-01', 0, '2026 (chưa kiểm chứng)');

update rules_epoch set number = number + 1 where id = 1;

create index people_grant_source on people_grant(source_id);
drop view v_people_grant;
create view v_people_grant as
  select id as grant_id, member_id, role, unit_id, scope, from_on, to_on from people_grant
  where revoked_at is null and source <> 'delegation';
