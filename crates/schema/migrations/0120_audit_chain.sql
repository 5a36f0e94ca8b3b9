-- The log becomes a chain (docs/decisions/0011-log-chain.md): each row is bound once into a gap-free order, each link
-- holds the hash of the one before, and each day that is over leaves its head. Rows that stand here already are bound
-- as they are found; `old` is how many of them are left.

alter table audit_event add column written_mac text not null default '';
alter table audit_event add column bound_seq bigint not null default 0;
create index audit_event_bound on audit_event(bound_seq, id);
alter table audit_access add column bound_seq bigint not null default 0;
create index audit_access_bound on audit_access(bound_seq, hour_at);

create table audit_link (
  seq bigint primary key,
  day_on text not null,
  what text not null check (what in ('line','old','foreign','look','doubt')),
  row_id text not null,
  row_hash text not null,
  hash text not null
);
create table audit_head (
  last_seq bigint primary key,
  day_on text not null,
  first_seq bigint not null,
  hash text not null,
  sealed text not null
);
create table audit_tip (
  name text primary key check (name = 'log'),
  seq bigint not null,
  day_on text not null,
  first_seq bigint not null,
  hash text not null,
  bound_at bigint not null,
  old bigint not null,
  sealed text not null
);
insert into audit_tip (name, seq, day_on, first_seq, hash, bound_at, old, sealed)
  select 'log', 0, '', 1, '', 0, count(*), '' from audit_event;

-- A row is given its number once; a look that has one is counted no further. A head is sealed anew when the key of
-- the installation is changed, and nothing else of it changes.
{{sqlite}}
drop trigger audit_event_no_update;
create trigger audit_event_no_update before update on audit_event
  when old.bound_seq <> 0 or new.bound_seq = 0 or new.written_mac <> old.written_mac
  or new.id <> old.id or new.at <> old.at or new.actor_id <> old.actor_id or new.actor_label <> old.actor_label
  or new.on_behalf_of <> old.on_behalf_of or new.capability <> old.capability or new.grant_id <> old.grant_id
  or new.unit_id <> old.unit_id or new.unit_path_then <> old.unit_path_then
  or new.about_member_id <> old.about_member_id or new.object_type <> old.object_type
  or new.object_id <> old.object_id or new.action <> old.action or new.reason <> old.reason
  or new.diff_json <> old.diff_json or new.request_id <> old.request_id
  begin select raise(abort, 'audit_event is only added to'); end;
drop trigger audit_access_no_update;
create trigger audit_access_no_update before update on audit_access
  when old.bound_seq <> 0
  or new.actor_id <> old.actor_id or new.about_member_id <> old.about_member_id or new.hour_at <> old.hour_at
  or new.level <> old.level or new.purpose <> old.purpose or new.actor_label <> old.actor_label
  or new.reads < old.reads
  begin select raise(abort, 'audit_access only counts up'); end;
create trigger audit_link_no_update before update on audit_link
  begin select raise(abort, 'audit_link is only added to'); end;
create trigger audit_link_no_delete before delete on audit_link
  begin select raise(abort, 'audit_link is only added to'); end;
create trigger audit_head_no_update before update on audit_head
  when new.last_seq <> old.last_seq or new.day_on <> old.day_on or new.first_seq <> old.first_seq
  or new.hash <> old.hash
  begin select raise(abort, 'audit_head is only added to'); end;
create trigger audit_head_no_delete before delete on audit_head
  begin select raise(abort, 'audit_head is only added to'); end;
create trigger audit_tip_no_update before update on audit_tip
  when new.name <> old.name or new.seq < old.seq or new.old > old.old
  begin select raise(abort, 'audit_tip only goes on'); end;
{{end}}
{{postgres}}
drop trigger audit_event_no_change on audit_event;
create trigger audit_event_no_update before update on audit_event for each row
  when (old.bound_seq <> 0 or new.bound_seq = 0 or new.written_mac <> old.written_mac
  or new.id <> old.id or new.at <> old.at or new.actor_id <> old.actor_id or new.actor_label <> old.actor_label
  or new.on_behalf_of <> old.on_behalf_of or new.capability <> old.capability or new.grant_id <> old.grant_id
  or new.unit_id <> old.unit_id or new.unit_path_then <> old.unit_path_then
  or new.about_member_id <> old.about_member_id or new.object_type <> old.object_type
  or new.object_id <> old.object_id or new.action <> old.action or new.reason <> old.reason
  or new.diff_json <> old.diff_json or new.request_id <> old.request_id)
  execute function audit_fixed();
create trigger audit_event_no_delete before delete on audit_event
  for each row execute function audit_fixed();
drop trigger audit_access_no_update on audit_access;
create trigger audit_access_no_update before update on audit_access for each row
  when (old.bound_seq <> 0
  or new.actor_id <> old.actor_id or new.about_member_id <> old.about_member_id or new.hour_at <> old.hour_at
  or new.level <> old.level or new.purpose <> old.purpose or new.actor_label <> old.actor_label
  or new.reads < old.reads)
  execute function audit_fixed();
create trigger audit_link_no_update before update on audit_link
  for each row execute function audit_fixed();
create trigger audit_link_no_delete before delete on audit_link
  for each row execute function audit_fixed();
create trigger audit_link_no_truncate before truncate on audit_link
  for each statement execute function audit_fixed();
create trigger audit_head_no_update before update on audit_head for each row
  when (new.last_seq <> old.last_seq or new.day_on <> old.day_on or new.first_seq <> old.first_seq
  or new.hash <> old.hash)
  execute function audit_fixed();
create trigger audit_head_no_delete before delete on audit_head
  for each row execute function audit_fixed();
create trigger audit_head_no_truncate before truncate on audit_head
  for each statement execute function audit_fixed();
create trigger audit_tip_no_update before update on audit_tip for each row
  when (new.name <> old.name or new.seq < old.seq or new.old > old.old)
  execute function audit_fixed();
{{end}}
