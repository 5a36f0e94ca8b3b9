-- Further photos of an article, and smaller copies of the portal's pictures, made once by a job.

create table news_photo (
  id text primary key,
  article_id text not null references news_article(id),
  position bigint not null,
  sha text not null,
  kind text not null,
  width bigint not null,
  height bigint not null,
  alt text not null default '',
  caption text not null default '',
  credit text not null default ''
);
create index news_photo_article on news_photo(article_id, position, id);

create table news_picture_size (
  sha text not null,
  width bigint not null,
  height bigint not null,
  sized_sha text not null,
  kind text not null,
  primary key (sha, width)
);
