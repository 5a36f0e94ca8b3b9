-- Signing in. Passwords are argon2id strings, session and token secrets stand here only as hashes.

create table account_account (
  id text primary key,
  member_id text not null references people_member(id),
  login {{path}} not null,
  phone_mac text not null default '',
  email_fold {{path}} not null default '',
  password_hash text not null default '',
  password_set_at bigint,
  state text not null default 'active' check (state in ('active','closed')),
  look text not null default '',
  created_at bigint not null,
  row_version bigint not null default 1
);
create unique index account_account_login on account_account(login);
create unique index account_account_member_id on account_account(member_id);
create index account_account_phone on account_account(phone_mac);
create index account_account_email on account_account(email_fold);

create table account_slip (
  id text primary key,
  account_id text not null references account_account(id),
  code_hash text not null,
  issued_by text not null default '',
  issued_at bigint not null,
  expires_at bigint not null,
  used_at bigint,
  revoked_at bigint
);
create unique index account_slip_code_hash on account_slip(code_hash);
create index account_slip_account on account_slip(account_id);

create table account_session (
  id text primary key,
  account_id text not null references account_account(id),
  secret_hash text not null,
  device text not null default '',
  shared bigint not null default 0 check (shared in (0, 1)),
  created_at bigint not null,
  seen_at bigint not null,
  expires_at bigint not null,
  ended_at bigint
);
create unique index account_session_secret_hash on account_session(secret_hash);
create index account_session_account on account_session(account_id);
create index account_session_expires on account_session(expires_at);

create table account_token (
  id text primary key,
  account_id text not null references account_account(id),
  name text not null,
  secret_hash text not null,
  scopes text not null,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint,
  revoked_at bigint
);
create unique index account_token_secret_hash on account_token(secret_hash);
create index account_token_account on account_token(account_id);

-- Growing delay: failures by account and by address, forgotten after a while. Keys are keyed hashes.
create table account_failure (
  key_mac text primary key,
  failures bigint not null,
  last_at bigint not null,
  free_at bigint not null
);
create index account_failure_last on account_failure(last_at);
