-- Shelves, titles and what a title is made of; where each reader stopped (theirs alone).
-- `version` of a shelf rises with every change of it or of its titles: pages drawn once are kept by it.

create table library_shelf (
  id text primary key,
  slug {{path}} not null,
  name text not null,
  name_key {{path}} not null,
  lead text not null default '',
  position bigint not null default 0,
  audience {{path}} not null default 'members',
  version bigint not null default 1,
  created_at bigint not null
);
create unique index library_shelf_slug on library_shelf(slug);

-- `cover_rid` names the picture that serves as cover; empty: one is drawn.
-- `is_edited`: somebody corrected title or authors by hand, so a new edition leaves them alone.
create table library_title (
  id text primary key,
  shelf_id text not null references library_shelf(id),
  identifier text not null default '',
  title text not null,
  title_key {{path}} not null,
  title_fold {{path}} not null,
  subtitle text not null default '',
  creators text not null default '',
  creators_json text not null default '[]',
  publisher text not null default '',
  language text not null default '',
  detected_language text not null default '',
  published text not null default '',
  subjects text not null default '',
  rights text not null default '',
  source text not null default '',
  file_sha256 text not null,
  file_bytes bigint not null,
  file_kind text not null default 'epub',
  text_sha256 text not null default '',
  cover_rid text not null default '',
  layout text not null default 'reflowable',
  words bigint not null default 0,
  sections bigint not null default 0,
  audience {{path}} not null default 'members',
  is_edited bigint not null default 0 check (is_edited in (0, 1)),
  row_version bigint not null default 1,
  added_at bigint not null,
  changed_at bigint not null,
  accessibility_json text not null default '{}',
  description text not null default ''
);
create unique index library_title_shelf_id_file_sha256 on library_title(shelf_id, file_sha256);
create index library_title_shelf on library_title(shelf_id, title_key, id);
create index library_title_age on library_title(shelf_id, added_at);
create index library_title_identifier on library_title(shelf_id, identifier);

-- Every file that a title has had: an edition that was replaced is kept, and known when it comes again.
create table library_edition (
  title_id text not null references library_title(id),
  file_sha256 text not null,
  file_bytes bigint not null,
  file_name text not null default '',
  added_at bigint not null,
  primary key (title_id, file_sha256)
);
create index library_edition_file on library_edition(file_sha256);

-- One row a spine item, numbered from 1; `html` and `text` stand last, so that lists do not read them.
create table library_section (
  title_id text not null references library_title(id),
  number bigint not null,
  href text not null default '',
  title text not null default '',
  words bigint not null default 0,
  words_before bigint not null default 0,
  is_linear bigint not null default 1 check (is_linear in (0, 1)),
  is_filled bigint not null default 1 check (is_filled in (0, 1)),
  language text not null default '',
  direction text not null default '',
  html text not null default '',
  text text not null default '',
  primary key (title_id, number)
);

-- Only `is_served` ones (pictures) lie in the file store; the others stay inside the kept EPUB.
create table library_resource (
  title_id text not null references library_title(id),
  rid text not null,
  href text not null default '',
  media_type text not null,
  sha256 text not null,
  file_bytes bigint not null,
  is_served bigint not null default 0 check (is_served in (0, 1)),
  primary key (title_id, rid)
);

create table library_contents (
  title_id text primary key references library_title(id),
  toc_json text not null default '[]',
  pages_json text not null default '[]'
);

-- Reading is private: only the member of the row ever reads it. `fraction` in ten-thousandths.
create table library_place (
  member_id text not null references people_member(id),
  title_id text not null references library_title(id),
  section bigint not null,
  fraction bigint not null default 0 check (fraction >= 0 and fraction <= 10000),
  at bigint not null,
  primary key (member_id, title_id)
){{keyed}};
create index library_place_member on library_place(member_id, at);
create index library_place_title on library_place(title_id, section);
