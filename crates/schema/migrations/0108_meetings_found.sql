-- Meetings that were held before they could be found are announced to the search index, as closing announces one now.
insert into feed_change (seq, kind, subject_id)
  select (select c.value from feed_counter c where c.name = 'search') + row_number() over (order by m.id), 'meeting', m.id
  from meetings_meeting m where m.state in ('ended', 'archived');
update feed_counter set value = value
  + (select count(*) from meetings_meeting m where m.state in ('ended', 'archived'))
  where name = 'search';
