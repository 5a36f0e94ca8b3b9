-- The log is only added to: the database itself refuses to change or remove a line. Looks are counted up
-- within their hour and nothing else of them changes.
{{sqlite}}
create trigger audit_event_no_update before update on audit_event
  begin select raise(abort, 'audit_event is only added to'); end;
create trigger audit_event_no_delete before delete on audit_event
  begin select raise(abort, 'audit_event is only added to'); end;
create trigger audit_access_no_update before update on audit_access
  when new.actor_id <> old.actor_id or new.about_member_id <> old.about_member_id or new.hour_at <> old.hour_at
  or new.level <> old.level or new.purpose <> old.purpose or new.actor_label <> old.actor_label
  or new.reads < old.reads
  begin select raise(abort, 'audit_access only counts up'); end;
create trigger audit_access_no_delete before delete on audit_access
  begin select raise(abort, 'audit_access only counts up'); end;
{{end}}
{{postgres}}
create function audit_fixed() returns trigger language plpgsql as $$
  begin raise exception '% is only added to', tg_table_name; end $$;
create trigger audit_event_no_change before update or delete on audit_event
  for each row execute function audit_fixed();
create trigger audit_event_no_truncate before truncate on audit_event
  for each statement execute function audit_fixed();
create trigger audit_access_no_update before update on audit_access for each row
  when (new.actor_id <> old.actor_id or new.about_member_id <> old.about_member_id or new.hour_at <> old.hour_at
  or new.level <> old.level or new.purpose <> old.purpose or new.actor_label <> old.actor_label
  or new.reads < old.reads)
  execute function audit_fixed();
create trigger audit_access_no_delete before delete on audit_access
  for each row execute function audit_fixed();
create trigger audit_access_no_truncate before truncate on audit_access
  for each statement execute function audit_fixed();
{{end}}
