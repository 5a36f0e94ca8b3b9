-- Four eyes (governance reference, 1): what one person prepared and another must decide. The payload is
-- kept as it was shown; only the payload whose hash was approved is ever applied.

create table approvals_approval (
  id text primary key,
  kind text not null,
  object_id text not null default '',
  title text not null,
  payload_json text not null,
  payload_hash text not null,
  versions_json text not null default '[]',
  state text not null check (state in ('waiting', 'applied', 'refused', 'withdrawn', 'expired', 'stale')),
  reason text not null default '',
  prepared_by text not null,
  prepared_label text not null default '',
  prepared_at bigint not null,
  expires_at bigint not null,
  ended_at bigint,
  row_version bigint not null default 1
);
create index approvals_approval_state on approvals_approval(state, expires_at);
create index approvals_approval_prepared on approvals_approval(prepared_by, prepared_at);
-- The same thing waits once.
create unique index approvals_approval_waiting on approvals_approval(kind, object_id)
  where state = 'waiting' and object_id <> '';

create table approvals_step (
  approval_id text not null references approvals_approval(id),
  side text not null,
  unit_id text not null default '',
  decision text not null default 'open' check (decision in ('open', 'approved', 'refused')),
  by_member text not null default '',
  by_label text not null default '',
  reason text not null default '',
  at bigint,
  primary key (approval_id, side)
);
create index approvals_step_unit on approvals_step(unit_id, decision);
