-- The town that papers of a unit name before the day ("Nhân Chính, ngày …"). Empty: that of the nearest unit above.
alter table people_unit add column town text not null default '';
