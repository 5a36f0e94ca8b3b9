-- What somebody had typed when their session ended: sealed, one an account, for an hour.
create table account_left (
  account_id text primary key references account_account(id),
  sealed text not null,
  expires_at bigint not null
);
create index account_left_expires on account_left(expires_at);
