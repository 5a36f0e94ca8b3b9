-- The last digits of sealed numbers stood in clear beside birth and home town, which together tell the number
-- of many a person. They are read out of the sealed number when they are drawn.
alter table people_member drop column card_tail;
alter table people_member drop column citizen_tail;
alter table people_member drop column phone_tail;
