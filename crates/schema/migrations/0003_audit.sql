-- Who did what, and who looked at whom (governance reference, section 8).
-- The chain of hashes (audit_link, audit_day_head) comes with its own issue.

create table audit_event (
  id text primary key,
  at bigint not null,
  actor_id text not null default '',
  actor_label text not null default '',
  on_behalf_of text not null default '',
  capability text not null default '',
  grant_id text not null default '',
  unit_id text not null default '',
  unit_path_then {{path}} not null default '',
  about_member_id text not null default '',
  object_type text not null default '',
  object_id text not null default '',
  action text not null,
  reason text not null default '',
  diff_json text not null default '',
  request_id text not null default ''
);
create index audit_event_about on audit_event(about_member_id, at);
create index audit_event_at on audit_event(at);

create table audit_access (
  actor_id text not null,
  about_member_id text not null,
  hour_at bigint not null,
  level text not null,
  purpose text not null,
  reads bigint not null,
  actor_label text not null default '',
  primary key (actor_id, about_member_id, hour_at, level, purpose)
);
create index audit_access_about on audit_access(about_member_id, hour_at);
