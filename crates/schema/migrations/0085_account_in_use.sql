-- Who has ever set a password: from then on their slips, numbers and contacts are a change of how they sign in (R4).
create view v_account_in_use as
  select member_id from account_account where password_set_at is not null;
