-- Documents that were read before `relation` was there: what they say of others is looked for once more, in
-- the background, and each leaves the list when that is done. A new handbook begins with an empty list.
create table documents_cited_anew (
  document_id text primary key references documents_document(id)
);
insert into documents_cited_anew (document_id)
  select distinct from_id from documents_citation where relation = '';
