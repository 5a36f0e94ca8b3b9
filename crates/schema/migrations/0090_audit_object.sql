-- Who saved a thing last is asked when two people edit it at once.
create index audit_event_object on audit_event(object_type, object_id, at);
