-- The version at which a document or title stands as its import left it: only such a one is taken back. It moves
-- when what a later file changed was taken back.
alter table documents_document add column bare_version bigint not null default 1;
alter table library_title add column bare_version bigint not null default 1;
