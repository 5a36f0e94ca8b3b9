-- Notices: what a member is told, by which ways it also goes out, and whether it did. `notices` only.
create table notices_notice (
  id text primary key,
  member_id text not null,
  once_key text not null,
  kind text not null,
  text_key text not null,
  text_args text not null default '{}',
  link text not null,
  importance text not null check (importance in ('normal','urgent')),
  created_at bigint not null,
  expires_at bigint not null,
  read_at bigint not null default 0
);
create unique index notices_notice_member_id_once_key on notices_notice(member_id, once_key);
create index notices_notice_member_id on notices_notice(member_id, id);
create index notices_notice_unread on notices_notice(member_id) where read_at = 0;

-- Where a member can be reached. `address_mac` finds an address again without telling it.
-- A dropped one has lost its address and keys; the row stays, so that the owner sees why.
create table notices_endpoint (
  id text primary key,
  member_id text not null,
  channel text not null check (channel in ('email','push')),
  address_mac text not null,
  address_sealed text not null,
  keys_sealed text not null default '',
  language text not null check (language in ('vi','en')),
  state text not null default 'live' check (state in ('live','dropped')),
  reason text not null default '',
  refusals bigint not null default 0,
  created_at bigint not null,
  sent_at bigint not null default 0
);
create unique index notices_endpoint_device on notices_endpoint(address_mac) where channel = 'push';
create unique index notices_endpoint_email on notices_endpoint(member_id) where channel = 'email';
create index notices_endpoint_member_id on notices_endpoint(member_id);

-- One sending of one notice to one endpoint. `lease` names the process that has it until `next_at`.
create table notices_out (
  notice_id text not null references notices_notice(id) on delete cascade,
  endpoint_id text not null references notices_endpoint(id) on delete cascade,
  channel text not null,
  state text not null default 'waiting' check (state in ('waiting','sent','failed','dropped')),
  attempts bigint not null default 0,
  next_at bigint not null,
  expires_at bigint not null,
  lease text not null default '',
  reason text not null default '',
  ended_at bigint not null default 0,
  primary key (notice_id, endpoint_id)
){{keyed}};
create index notices_out_next_at on notices_out(next_at) where state = 'waiting';
create index notices_out_endpoint_id on notices_out(endpoint_id);

-- A member's wish for one kind and channel; kind '' speaks for every kind that has no row.
create table notices_preference (
  member_id text not null,
  kind text not null,
  channel text not null check (channel in ('email','push')),
  wanted bigint not null check (wanted in (0, 1)),
  primary key (member_id, kind, channel)
){{keyed}};

-- A member's own quiet hours ('' is the installation's) and whether urgent ones pass them.
create table notices_quiet (
  member_id text primary key,
  quiet_from text not null default '',
  quiet_to text not null default '',
  urgent_passes bigint not null default 0 check (urgent_passes in (0, 1))
);

create table notices_setting (
  name text primary key,
  value text not null
);
insert into notices_setting (name, value) values
  ('quiet_from', '21:00'),
  ('quiet_to', '07:00'),
  ('email_wanted', '1'),
  ('push_wanted', '1');
