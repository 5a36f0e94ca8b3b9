-- SQLite's `replace into` takes the old row away without asking the triggers that guard deletes: a row of the log that
-- is there already is not put in again. Looks (`audit_access`) are counted up by putting them in again, and rest on the
-- chain alone. PostgreSQL has no such statement.
{{sqlite}}
create trigger audit_event_no_replace before insert on audit_event
  when exists (select 1 from audit_event where id = new.id)
  begin select raise(abort, 'audit_event is only added to'); end;
create trigger audit_link_no_replace before insert on audit_link
  when exists (select 1 from audit_link where seq = new.seq)
  begin select raise(abort, 'audit_link is only added to'); end;
create trigger audit_head_no_replace before insert on audit_head
  when exists (select 1 from audit_head where last_seq = new.last_seq)
  begin select raise(abort, 'audit_head is only added to'); end;
create trigger audit_tip_no_replace before insert on audit_tip
  when exists (select 1 from audit_tip where name = new.name)
  begin select raise(abort, 'audit_tip only goes on'); end;
{{end}}
