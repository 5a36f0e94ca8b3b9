-- What other rooms may read of people and of the log. A room names its own tables and these views only;
-- a test looks for any other name. Nothing sealed and no date of a person stands here.

create view v_people_unit as
  select id, parent_id, path, kind, code, external_id, name, name_key, name_fold, cell_type, founded_on, dissolved_on
  from people_unit;
create view v_people_name as
  select id as member_id, external_id, name, name_key, name_fold, status from people_member;
create view v_people_placement as
  select member_id, unit_id, kind, from_on, to_on from people_placement;
create view v_people_post as
  select h.id as holding_id, h.member_id, s.unit_id, s.title, s.role, s.rank, h.from_on, h.to_on
  from people_holding h join people_position s on s.id = h.position_id;
create view v_people_grant as
  select id as grant_id, member_id, role, unit_id, scope, from_on, to_on from people_grant where revoked_at is null;
create view v_people_epoch as
  select name, value from people_epoch;

create view v_setting as
  select name, value from admin_setting;
create view v_audit_event as
  select id, at, actor_id, actor_label, capability, grant_id, unit_id, unit_path_then, about_member_id,
    object_type, object_id, action, reason, diff_json, request_id
  from audit_event;
create view v_audit_access as
  select actor_id, actor_label, about_member_id, hour_at, level, purpose, reads from audit_access;
