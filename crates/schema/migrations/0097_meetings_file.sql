-- Papers of one's own on a meeting: photos, PDF, Word files of those who prepare it.
create table meetings_file (
  id text primary key,
  meeting_id text not null references meetings_meeting(id),
  file_sha text not null,
  name text not null,
  kind text not null,
  added_at bigint not null,
  added_by text not null
);
create unique index meetings_file_once on meetings_file(meeting_id, file_sha);
