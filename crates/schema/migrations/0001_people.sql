-- Units, members, placements, posts and grants, all dated (governance reference, sections 1 to 3).
-- Open periods end on 9999-12-31. Nothing here is deleted; periods are closed.

create table people_unit (
  id text primary key,
  parent_id text references people_unit(id),
  path {{path}} not null,
  kind text not null,
  code text not null default '',
  external_id text not null default '',
  name text not null,
  name_key {{path}} not null,
  name_fold {{path}} not null,
  cell_type text not null default '',
  address text not null default '',
  founded_on text not null,
  dissolved_on text not null default '9999-12-31',
  dissolve_reason text not null default '',
  row_version bigint not null default 1
);
create unique index people_unit_path on people_unit(path);
create index people_unit_parent on people_unit(parent_id, name_key);
create index people_unit_code on people_unit(code);
create index people_unit_external on people_unit(external_id);

create table people_unit_version (
  unit_id text not null references people_unit(id),
  from_on text not null,
  to_on text not null default '9999-12-31',
  parent_id text,
  path {{path}} not null,
  kind text not null,
  code text not null default '',
  name text not null,
  decision_id text not null default '',
  primary key (unit_id, from_on)
);
create index people_unit_version_path on people_unit_version(path, from_on);

create table people_unit_lineage (
  from_unit text not null references people_unit(id),
  to_unit text not null references people_unit(id),
  kind text not null check (kind in ('merge','split','absorb','convert')),
  effective_on text not null,
  restructure_id text not null default '',
  primary key (from_unit, to_unit, effective_on)
);

create table people_member (
  id text primary key,
  external_id text not null default '',
  name text not null,
  name_key {{path}} not null,
  name_fold {{path}} not null,
  other_name text not null default '',
  sex text not null default '' check (sex in ('', 'female', 'male')),
  birth_on text not null default '',
  status text not null default 'full',
  status_from_on text not null default '',
  admission_decision_on text not null default '',
  ceremony_on text not null default '',
  recognition_decision_on text not null default '',
  full_from_on text not null default '',
  exempt bigint not null default 0 check (exempt in (0, 1)),
  phoneless bigint not null default 0 check (phoneless in (0, 1)),
  card_sealed text not null default '',
  card_mac text not null default '',
  card_tail text not null default '',
  citizen_sealed text not null default '',
  citizen_mac text not null default '',
  citizen_tail text not null default '',
  phone_sealed text not null default '',
  phone_tail text not null default '',
  email text not null default '',
  home_town text not null default '',
  residence text not null default '',
  source text not null default '',
  row_version bigint not null default 1
);
create index people_member_name on people_member(name_key, id);
create index people_member_external on people_member(external_id);
create unique index people_member_card_mac on people_member(card_mac) where card_mac <> '';
create unique index people_member_citizen_mac on people_member(citizen_mac) where citizen_mac <> '';

-- One row per syllable of a name, so that a person is found without marks and in any order.
create table people_name_word (
  word {{path}} not null,
  member_id text not null references people_member(id),
  primary key (word, member_id)
){{keyed}};

create table people_placement (
  id text primary key,
  member_id text not null references people_member(id),
  unit_id text not null references people_unit(id),
  kind text not null check (kind in ('official','temporary')),
  from_on text not null,
  to_on text not null default '9999-12-31',
  start_reason text not null default '',
  end_reason text not null default '',
  prev_id text not null default '',
  opened_by_event text not null default '',
  closed_by_event text not null default '',
  check (from_on < to_on)
);
create unique index people_placement_one on people_placement(member_id)
  where kind = 'official' and to_on = '9999-12-31';
create index people_placement_unit on people_placement(unit_id, to_on, from_on);
create index people_placement_member on people_placement(member_id, to_on);

create table people_term (
  id text primary key,
  unit_id text not null references people_unit(id),
  from_on text not null,
  to_on text not null default '9999-12-31'
);

create table people_position (
  id text primary key,
  unit_id text not null references people_unit(id),
  title text not null,
  role text not null,
  rank bigint not null default 100
);
create index people_position_unit on people_position(unit_id, rank);

create table people_holding (
  id text primary key,
  position_id text not null references people_position(id),
  member_id text not null references people_member(id),
  term_id text not null default '',
  basis text not null check (basis in ('elected','appointed','approved','acting')),
  from_on text not null,
  to_on text not null default '9999-12-31',
  end_reason text not null default ''
);
create index people_holding_position on people_holding(position_id, to_on);
create index people_holding_member on people_holding(member_id, to_on);

create table people_grant (
  id text primary key,
  member_id text not null references people_member(id),
  role text not null,
  unit_id text not null references people_unit(id),
  scope text not null check (scope in ('unit','subtree','instance')),
  caps_json text not null default '',
  source text not null check (source in ('position','appointment','delegation')),
  source_id text not null default '',
  from_on text not null,
  to_on text not null default '9999-12-31',
  prepared_by text not null default '',
  approved_by text not null default '',
  granted_at bigint not null,
  revoked_at bigint
);
create index people_grant_member on people_grant(member_id);
create index people_grant_unit on people_grant(unit_id);

create table people_epoch (
  name text primary key,
  value bigint not null
);
insert into people_epoch (name, value) values ('grants', 1);

create table people_member_event (
  id text primary key,
  member_id text not null references people_member(id),
  kind text not null,
  effective_on text not null,
  recorded_at bigint not null,
  recorded_by text not null default '',
  unit_id text not null default '',
  decision_no text not null default '',
  decision_on text not null default '',
  document_id text not null default '',
  payload_json text not null default '',
  corrects_id text not null default '',
  approval_id text not null default ''
);
create index people_member_event_member on people_member_event(member_id, effective_on);

create table people_standing_rule (
  status text not null,
  placement text not null,
  from_on text not null,
  to_on text not null default '9999-12-31',
  counts text not null check (counts in ('always','if_present','never')),
  may_vote bigint not null check (may_vote in (0, 1)),
  may_stand bigint not null check (may_stand in (0, 1)),
  pays_dues bigint not null check (pays_dues in (0, 1)),
  basis text not null default '',
  signed_off_on text not null default '',
  primary key (status, placement, from_on)
);
insert into people_standing_rule (status, placement, from_on, counts, may_vote, may_stand, pays_dues, basis) values
  ('full', 'official', '1900-01-01', 'always', 1, 1, 1, '294-QĐ/TW 9.3.2'),
  ('full', 'official_away', '1900-01-01', 'never', 0, 1, 1, '294-QĐ/TW 6.3.2'),
  ('full', 'temporary', '1900-01-01', 'never', 0, 0, 0, '294-QĐ/TW 6.3.2'),
  ('probationary', 'official', '1900-01-01', 'never', 0, 0, 1, '294-QĐ/TW 9.3'),
  ('probationary', 'official_away', '1900-01-01', 'never', 0, 0, 1, '294-QĐ/TW 9.3'),
  ('probationary', 'temporary', '1900-01-01', 'never', 0, 0, 0, '294-QĐ/TW 9.3'),
  ('exempt', 'official', '1900-01-01', 'if_present', 1, 0, 1, '294-QĐ/TW 7, 9.3.2'),
  ('exempt', 'official_away', '1900-01-01', 'never', 0, 0, 1, '294-QĐ/TW 7, 9.3.2'),
  ('exempt', 'temporary', '1900-01-01', 'never', 0, 0, 0, '294-QĐ/TW 7, 9.3.2'),
  ('suspended', 'official', '1900-01-01', 'never', 0, 0, 0, '294-QĐ/TW 9.3.2'),
  ('suspended', 'official_away', '1900-01-01', 'never', 0, 0, 0, '294-QĐ/TW 9.3.2'),
  ('suspended', 'temporary', '1900-01-01', 'never', 0, 0, 0, '294-QĐ/TW 9.3.2');
