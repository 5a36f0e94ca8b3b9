-- What each line of the ledger states of a member (docs/decisions/0013-member-ledger.md): field by field, of the
-- record, of one placement or of one post. Only added to; the record, its placements and its posts are read out of it.
-- What stands here already is stated as it is found.
create table people_statement (
  id text primary key,
  member_id text not null references people_member(id),
  seq bigint not null,
  event_id text not null default '',
  about text not null check (about in ('record', 'placement', 'holding', 'code')),
  subject_id text not null default '',
  effective_on text not null default '',
  recorded_at bigint not null,
  said_json text not null,
  sealed_json text not null default ''
);
create unique index people_statement_seq on people_statement(member_id, seq);
create index people_statement_sealed on people_statement(id) where sealed_json <> '';
alter table people_member_event add column reason text not null default '';

{{sqlite}}
insert into people_statement (id, member_id, seq, about, recorded_at, said_json, sealed_json)
select 'found-' || id, id, 1, 'record', cast(strftime('%s', 'now') as integer) * 1000,
  json_object('external_id', external_id, 'name', name, 'other_name', other_name, 'sex', sex, 'birth_on', birth_on,
    'status', status, 'status_from_on', status_from_on, 'admission_decision_on', admission_decision_on,
    'ceremony_on', ceremony_on, 'recognition_decision_on', recognition_decision_on, 'full_from_on', full_from_on,
    'exempt', cast(exempt as text), 'phoneless', cast(phoneless as text), 'email', email, 'home_town', home_town,
    'residence', residence, 'merged_on', merged_on),
  case when card_sealed = '' and citizen_sealed = '' and phone_sealed = '' then ''
    else json_object('card', card_sealed, 'citizen', citizen_sealed, 'phone', phone_sealed) end
from people_member;
insert into people_statement (id, member_id, seq, about, subject_id, effective_on, recorded_at, said_json)
select 'found-p-' || p.id, p.member_id, 1 + row_number() over (partition by p.member_id order by p.from_on, p.id),
  'placement', p.id, p.from_on, cast(strftime('%s', 'now') as integer) * 1000,
  json_object('unit', p.unit_id, 'kind', p.kind, 'from_on', p.from_on, 'to_on', p.to_on,
    'start_reason', p.start_reason, 'end_reason', p.end_reason)
from people_placement p;
insert into people_statement (id, member_id, seq, about, subject_id, effective_on, recorded_at, said_json)
select 'found-h-' || h.id, h.member_id, 1 + (select count(*) from people_placement p where p.member_id = h.member_id)
    + row_number() over (partition by h.member_id order by h.from_on, h.id),
  'holding', h.id, h.from_on, cast(strftime('%s', 'now') as integer) * 1000,
  json_object('position', h.position_id, 'basis', h.basis, 'from_on', h.from_on, 'to_on', h.to_on,
    'end_reason', h.end_reason)
from people_holding h;
create trigger people_statement_no_update before update on people_statement
  when new.id <> old.id or new.member_id <> old.member_id or new.seq <> old.seq or new.event_id <> old.event_id
  or new.about <> old.about or new.subject_id <> old.subject_id or new.effective_on <> old.effective_on
  or new.recorded_at <> old.recorded_at or new.said_json <> old.said_json
  begin select raise(abort, 'people_statement is only added to'); end;
{{end}}
{{postgres}}
insert into people_statement (id, member_id, seq, about, recorded_at, said_json, sealed_json)
select 'found-' || id, id, 1, 'record', cast(extract(epoch from now()) * 1000 as bigint),
  cast(json_build_object('external_id', external_id, 'name', name, 'other_name', other_name, 'sex', sex, 'birth_on', birth_on,
    'status', status, 'status_from_on', status_from_on, 'admission_decision_on', admission_decision_on,
    'ceremony_on', ceremony_on, 'recognition_decision_on', recognition_decision_on, 'full_from_on', full_from_on,
    'exempt', cast(exempt as text), 'phoneless', cast(phoneless as text), 'email', email, 'home_town', home_town,
    'residence', residence, 'merged_on', merged_on) as text),
  case when card_sealed = '' and citizen_sealed = '' and phone_sealed = '' then ''
    else cast(json_build_object('card', card_sealed, 'citizen', citizen_sealed, 'phone', phone_sealed) as text) end
from people_member;
insert into people_statement (id, member_id, seq, about, subject_id, effective_on, recorded_at, said_json)
select 'found-p-' || p.id, p.member_id, 1 + row_number() over (partition by p.member_id order by p.from_on, p.id),
  'placement', p.id, p.from_on, cast(extract(epoch from now()) * 1000 as bigint),
  cast(json_build_object('unit', p.unit_id, 'kind', p.kind, 'from_on', p.from_on, 'to_on', p.to_on,
    'start_reason', p.start_reason, 'end_reason', p.end_reason) as text)
from people_placement p;
insert into people_statement (id, member_id, seq, about, subject_id, effective_on, recorded_at, said_json)
select 'found-h-' || h.id, h.member_id, 1 + (select count(*) from people_placement p where p.member_id = h.member_id)
    + row_number() over (partition by h.member_id order by h.from_on, h.id),
  'holding', h.id, h.from_on, cast(extract(epoch from now()) * 1000 as bigint),
  cast(json_build_object('position', h.position_id, 'basis', h.basis, 'from_on', h.from_on, 'to_on', h.to_on,
    'end_reason', h.end_reason) as text)
from people_holding h;
create trigger people_statement_no_update before update on people_statement for each row
  when (new.id <> old.id or new.member_id <> old.member_id or new.seq <> old.seq or new.event_id <> old.event_id
  or new.about <> old.about or new.subject_id <> old.subject_id or new.effective_on <> old.effective_on
  or new.recorded_at <> old.recorded_at or new.said_json <> old.said_json)
  execute function audit_fixed();
{{end}}
