-- One person who stood here twice. The old record keeps its id and its rows; from `merged_on` on it is read as the
-- one that stays. Two records that somebody said are two people are remembered as such.

alter table people_member add column merged_on text not null default '';

-- A merged record's numbers keep nobody out.
drop index people_member_card_mac;
drop index people_member_citizen_mac;
create unique index people_member_card_mac on people_member(card_mac) where card_mac <> '' and merged_on = '';
create unique index people_member_citizen_mac on people_member(citizen_mac) where citizen_mac <> '' and merged_on = '';
create index people_member_same on people_member(name_fold, birth_on);

create table people_alias (
  id text primary key,
  old_id text not null references people_member(id),
  member_id text not null references people_member(id),
  approval_id text not null,
  merged_at bigint not null,
  merged_by text not null default '',
  was_sealed text not null,
  ended_at bigint not null default 0,
  ended_by text not null default '',
  ended_approval_id text not null default ''
);
create unique index people_alias_one on people_alias(old_id) where ended_at = 0;
create index people_alias_member on people_alias(member_id) where ended_at = 0;

create table people_distinct (
  id text primary key,
  one_id text not null references people_member(id),
  other_id text not null references people_member(id),
  said_at bigint not null,
  said_by text not null,
  taken_at bigint not null default 0,
  taken_by text not null default ''
);
create unique index people_distinct_one on people_distinct(one_id, other_id) where taken_at = 0;

-- A merged record opens no door, and is placed nowhere from its last day on.
drop view v_people_name;
create view v_people_name as
  select id as member_id, external_id, name, name_key, name_fold,
    case when merged_on = '' then status else 'merged' end as status from people_member;
drop view v_people_placement;
create view v_people_placement as
  select p.member_id, p.unit_id, p.kind, p.from_on,
    case when m.merged_on <> '' and m.merged_on < p.to_on then m.merged_on else p.to_on end as to_on
  from people_placement p join people_member m on m.id = p.member_id;

-- Whose rows stand under which ids: everybody under the own one, and under those that were merged into it.
create view v_people_alias as
  select old_id, member_id from people_alias where ended_at = 0;
create view v_people_as as
  select id as as_id, id as member_id from people_member
  union all select old_id as as_id, member_id from people_alias where ended_at = 0;

-- An account that ended with a merging stays beside its record; the one that goes on is the person's only one.
drop index account_account_member_id;
create unique index account_account_member_id on account_account(member_id) where state = 'active';
