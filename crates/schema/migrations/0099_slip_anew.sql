-- Whether a slip opened an account that somebody had a password for already: then its giver may be the one who
-- signs in since (R8). Of slips from before, only a later one of the same account is known to be such.
alter table account_slip add column anew bigint not null default 0 check (anew in (0, 1));
update account_slip set anew = 1 where used_at is not null and exists (
  select 1 from account_slip f where f.account_id = account_slip.account_id and f.used_at < account_slip.used_at
);
