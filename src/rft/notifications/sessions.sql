-- The days of the schedules, each with its venue; the whole span as one where no days are spelled out.
with day as (
    select session.id, session.course_schedule_id, session.starts_at, session.ends_at, coalesce(session.venue_id, schedule.venue_id) as venue_id
      from schedule_sessions as session
      join course_schedules as schedule on schedule.id = session.course_schedule_id
     where session.course_schedule_id = any(%(course_schedule_ids)s)
    union all
    select null, schedule.id, schedule.start_datetime, schedule.end_datetime, schedule.venue_id
      from course_schedules as schedule
     where schedule.id = any(%(course_schedule_ids)s)
       and not exists (select from schedule_sessions as session where session.course_schedule_id = schedule.id)
)
select day.id as session_id,
       day.course_schedule_id,
       day.starts_at,
       day.ends_at,
       venue.id as venue_id,
       venue.name as venue_name,
       venue.address_line1,
       venue.address_line2,
       venue.city,
       venue.postcode,
       venue.parking_info,
       (select count(*) from schedule_moves as move where move.course_schedule_id = day.course_schedule_id) as moves,
       (select move.told_before from schedule_moves as move
         where move.course_schedule_id = day.course_schedule_id order by move.id desc limit 1) as moved_from
  from day
  join venues as venue on venue.id = day.venue_id
 order by day.starts_at
