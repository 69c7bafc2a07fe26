-- Who still waits for a place on a date that is near, and was offered none, as one thing.
select 'waiting', null, count(distinct entry.id), null, null, null, min(coming.start_datetime), null
  from waiting_entries as entry
  join waiting_dates as wanted on wanted.entry_id = entry.id
  join coming on coming.id = wanted.course_schedule_id
 where entry.order_id is null and entry.left_at is null
having count(*) > 0
