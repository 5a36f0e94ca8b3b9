-- What whoever wrote a document said of an older paper, where the text does not say it in words that are read:
-- it stays when the text is written anew.
create table documents_relation (
  from_id text not null references documents_document(id),
  symbol_key {{path}} not null,
  symbol text not null,
  relation text not null check (relation in ('replaces', 'repeals', 'amends')),
  primary key (from_id, symbol_key)
){{keyed}};
create index documents_relation_symbol on documents_relation(symbol_key);
