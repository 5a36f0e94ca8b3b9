-- The invitation to meetings as an office supplies it: one DOCX with fields for each unit. The file lies in
-- the storage by its hash; an older one stays there, and the log names it.
create table meetings_invitation_file (
  unit_id text primary key references people_unit(id),
  file_sha text not null check (file_sha <> ''),
  file_name text not null,
  set_at bigint not null,
  set_by text not null
);
