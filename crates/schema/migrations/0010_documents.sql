-- Official documents: what they are, their text in provisions, the files they came as, whom they cite.
-- The identity is number, kind, issuer and date together (domain reference, 6.4), kept as one hashed
-- key so that two imports at once cannot add a document twice.

create table documents_document (
  id text primary key,
  identity_key {{path}} not null,
  external_id text not null default '',
  symbol text not null default '',
  symbol_key {{path}} not null default '',
  kind text not null default '',
  issuer_name text not null default '',
  issuer_fold {{path}} not null default '',
  unit_id text not null default '',
  unit_path {{path}} not null default '',
  title text not null,
  title_fold {{path}} not null,
  topic text not null default '',
  issued_on text not null default '',
  effective_on text not null default '',
  place text not null default '',
  source text not null default '',
  source_url text not null default '',
  audience {{path}} not null,
  language text not null default 'vi',
  state text not null check (state in ('draft', 'published')),
  file_sha text not null default '',
  file_name text not null default '',
  file_bytes bigint not null default 0,
  file_kind text not null default '',
  text_hash text not null default '',
  pages bigint not null default 0,
  status_note text not null default '',
  created_by text not null default '',
  imported_at bigint not null,
  changed_at bigint not null,
  row_version bigint not null default 1
);
create unique index documents_document_identity_key on documents_document(identity_key);
create index documents_document_symbol on documents_document(symbol_key, issued_on);
create index documents_document_newest on documents_document(state, issued_on, id);
create index documents_document_kind on documents_document(kind, issued_on);

-- One row an article, a chapter's heading, or a stretch of text between them, in reading order.
create table documents_provision (
  document_id text not null references documents_document(id),
  position bigint not null,
  level bigint not null,
  label text not null default '',
  heading text not null default '',
  anchor text not null,
  external_id text not null default '',
  body text not null default '',
  page bigint not null default 0,
  primary key (document_id, position)
){{keyed}};

-- Every file that a document came as; the document names the newest.
create table documents_file (
  document_id text not null references documents_document(id),
  sha256 text not null,
  name text not null,
  bytes bigint not null,
  kind text not null,
  added_at bigint not null,
  primary key (document_id, sha256)
){{keyed}};
create index documents_file_sha256 on documents_file(sha256);

-- Which symbols a document cites; cited_on is empty for an undated citation.
create table documents_citation (
  from_id text not null references documents_document(id),
  symbol_key {{path}} not null,
  cited_on text not null default '',
  times bigint not null,
  primary key (from_id, symbol_key, cited_on)
){{keyed}};
create index documents_citation_symbol on documents_citation(symbol_key, cited_on);

-- What citations in any text may lead to; the reader's reach is asked of `audience`.
create view v_documents_cited as
  select id as document_id, symbol, symbol_key, title, issued_on, audience
  from documents_document
  where state = 'published' and symbol_key <> '';
