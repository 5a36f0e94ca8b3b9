-- Where somebody belongs, from a day to a day. A placement has one day at least, so one that began on the day on which
-- its member died or left closes the next morning: but whoever has left is no member from that very day on, and such a
-- placement ends here on its first day. Whatever counts or shows members reads this, never the table.
create view v_people_stay as
  select p.id, p.member_id, p.unit_id, p.kind, p.from_on,
    case when p.to_on < '9999-12-31' and exists (select 1 from people_leaving l
      where l.member_id = p.member_id and l.back_at = 0 and l.left_on <= p.from_on)
      then p.from_on else p.to_on end as to_on,
    p.prev_id, p.start_reason, p.end_reason
  from people_placement p;
drop view v_people_placement;
create view v_people_placement as
  select p.member_id, p.unit_id, p.kind, p.from_on,
    case when m.merged_on <> '' and m.merged_on < p.to_on then m.merged_on else p.to_on end as to_on
  from v_people_stay p join people_member m on m.id = p.member_id;
