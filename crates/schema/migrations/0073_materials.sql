-- A paper of a meeting is a thing of any room that can stand on an agenda: its kind and its id. Those that
-- were laid before were documents.

create table meetings_paper (
  meeting_id text not null references meetings_meeting(id),
  item_id text not null default '',
  kind text not null,
  thing_id text not null,
  published_at bigint,
  primary key (meeting_id, item_id, kind, thing_id)
){{keyed}};
create index meetings_paper_thing on meetings_paper(kind, thing_id);
insert into meetings_paper (meeting_id, item_id, kind, thing_id, published_at)
  select meeting_id, item_id, 'document', document_id, published_at from meetings_material;
drop table meetings_material;
