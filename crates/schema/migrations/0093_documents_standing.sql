-- What becomes of a document: a newer one says that it replaces or repeals it (`relation` of its citation),
-- or somebody who publishes for its unit says so (`documents_standing`).
alter table documents_citation add column relation text not null default '';

create table documents_standing (
  document_id text primary key references documents_document(id),
  state text not null,
  newer_symbol text not null default '',
  note text not null default '',
  set_on text not null,
  set_by text not null default ''
);
