-- Files that people send from a browser to be taken in, what a dry run said of them, what the person
-- decided, and what the run made. The files themselves lie in the inbox until the upload has ended.

create table uploads_upload (
  id text primary key,
  importer text not null,
  place text not null default '',
  place_name text not null default '',
  owner_id text not null references people_member(id),
  state text not null check (state in
    ('receiving', 'checking', 'ready', 'applying', 'done', 'stopped', 'failed', 'undoing', 'undone', 'dropped')),
  set_json text not null default '{}',
  files_json text not null default '[]',
  counts_json text not null default '{}',
  -- Which header of a table was read as what, as a dry run said.
  columns_json text not null default '[]',
  notes_json text not null default '[]',
  -- What was being done when it stopped or failed: check, apply, undo.
  doing text not null default '',
  job_id text not null default '',
  -- Key of a sentence: why it failed, or what the person must know first.
  trouble text not null default '',
  made_at bigint not null,
  changed_at bigint not null,
  row_version bigint not null default 1
);
create index uploads_upload_owner on uploads_upload(owner_id, made_at);
create index uploads_upload_state on uploads_upload(state, changed_at);

create table uploads_entry (
  upload_id text not null references uploads_upload(id),
  nth bigint not null,
  source text not null,
  outcome text not null,
  thing_id text not null default '',
  kind text not null default '',
  message text not null default '',
  warnings_json text not null default '[]',
  changes_json text not null default '[]',
  choices_json text not null default '[]',
  seen text not null default '',
  answer text not null default '',
  primary key (upload_id, nth)
);

-- What a run made, in the transaction that made it, so that it can be taken back.
create table import_made (
  run_id text not null,
  kind text not null,
  thing_id text not null,
  primary key (run_id, kind, thing_id)
){{keyed}};
