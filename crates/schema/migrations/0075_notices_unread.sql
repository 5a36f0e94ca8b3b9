-- What a member has not read, for the number beside the bell on every page.
create view v_notices_unread as
  select member_id, expires_at from notices_notice where read_at = 0;
