-- The public portal: sections, articles, and counters that hold aggregates only
-- (governance reference, section 9: no visitor key is ever written).

create table news_section (
  id text primary key,
  slug {{path}} not null,
  name text not null,
  position bigint not null
);
create unique index news_section_slug on news_section(slug);
insert into news_section (id, slug, name, position) values
  ('section-organisation', 'xay-dung-to-chuc', 'Xây dựng tổ chức', 10),
  ('section-study', 'hoc-tap-lam-theo', 'Học tập, làm theo', 20),
  ('section-exhibition', 'trung-bay-tu-lieu', 'Trưng bày tư liệu', 30),
  ('section-questions', 'hoi-dap', 'Hỏi đáp', 40);

create table news_article (
  id text primary key,
  slug {{path}} not null,
  unit_id text references people_unit(id),
  section_id text not null references news_section(id),
  title text not null,
  lead text not null default '',
  body_md text not null default '',
  author text not null default '',
  source text not null default '',
  photo_sha text not null default '',
  photo_kind text not null default '',
  photo_width bigint not null default 0,
  photo_height bigint not null default 0,
  photo_alt text not null default '',
  photo_caption text not null default '',
  photo_credit text not null default '',
  state text not null default 'draft' check (state in ('draft','published')),
  published_at bigint,
  edited_at bigint,
  edit_note text not null default '',
  created_at bigint not null,
  created_by text not null default '',
  changed_by text not null default '',
  approved_by text not null default '',
  row_version bigint not null default 1
);
create unique index news_article_slug on news_article(slug);
create index news_article_published on news_article(state, published_at, id);
create index news_article_section on news_article(section_id, state, published_at);

create table stats_hour (
  content_id text not null,
  hour_at bigint not null,
  views bigint not null,
  visitors bigint not null,
  primary key (content_id, hour_at)
);
create table stats_site_day (
  day_on text primary key,
  views bigint not null,
  visitors bigint not null,
  restarts bigint not null default 0
);
create table stats_total (
  name text primary key,
  value bigint not null
);
