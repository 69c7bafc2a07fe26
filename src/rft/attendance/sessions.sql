-- The days that people teach: each session that is spelled out, or the whole span of a schedule that has none. What stands in braces
-- is the code's own condition.
select day.schedule_id, day.session_id, day.starts_at, day.ends_at, day.instructor_id, schedule.start_datetime as course_starts_at,
       schedule.end_datetime as course_ends_at, schedule.status, schedule.course_id, course.name as course_name, course.course_type,
       venue.name as venue_name, concat_ws(', ', venue.address_line1, venue.address_line2, venue.city) as address, venue.postcode,
       venue.parking_info, schedule.current_capacity as taken, least(course.max_capacity, venue.capacity) as seats,
       schedule.notes, day.position, day.days,
       nullif(concat_ws(' ', instructor.first_name, instructor.last_name), '') as instructor_name, closure.closed_at,
       nullif(concat_ws(' ', closer.first_name, closer.last_name), '') as closed_by
  from (select schedule.id as schedule_id, session.id as session_id, coalesce(session.starts_at, schedule.start_datetime) as starts_at,
               coalesce(session.ends_at, schedule.end_datetime) as ends_at,
               coalesce(session.instructor_id, schedule.instructor_id) as instructor_id,
               coalesce(session.venue_id, schedule.venue_id) as venue_id,
               row_number() over whole as position, count(*) over (partition by schedule.id) as days
          from course_schedules as schedule
          left join schedule_sessions as session on session.course_schedule_id = schedule.id
         where schedule.status in ('published', 'full') and {schedules}
        window whole as (partition by schedule.id order by session.starts_at)) as day
  join course_schedules as schedule on schedule.id = day.schedule_id
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = day.venue_id
  left join users as instructor on instructor.id = day.instructor_id
  left join register_closures as closure on closure.course_schedule_id = schedule.id and closure.reopened_at is null
  left join users as closer on closer.id = closure.closed_by
 where {days}
 order by day.starts_at, day.schedule_id, day.session_id
