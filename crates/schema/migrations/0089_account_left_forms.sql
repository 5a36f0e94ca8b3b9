-- Several forms that an account had left, each given back only to the browser that left it. Browser, page and
-- address are keyed hashes. What stood in the old table lived an hour.
drop table account_left;
create table account_left (
  account_id text not null references account_account(id),
  browser text not null,
  page text not null,
  action text not null,
  sealed text not null,
  expires_at bigint not null,
  primary key (browser, account_id, page, action)
);
create index account_left_expires on account_left(expires_at);
create index account_left_account on account_left(account_id);
