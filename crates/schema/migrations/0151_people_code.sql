-- Codes that a member has in lists of others (national database, province, old card): rows with their days, kept as
-- they were written. A second one of a scheme ends the first. Two members may have one code: `sotay check` names them.
create table people_code (
  id text primary key,
  member_id text not null references people_member(id),
  scheme text not null,
  code text not null,
  code_key {{path}} not null,
  from_on text not null,
  to_on text not null default '9999-12-31',
  check (from_on < to_on)
);
create unique index people_code_open on people_code(member_id, scheme) where to_on = '9999-12-31';
create index people_code_key on people_code(code_key);
create index people_code_code on people_code(code);
create index people_code_member on people_code(member_id, scheme, from_on);
