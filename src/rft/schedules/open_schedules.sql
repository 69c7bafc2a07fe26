-- Dates in order of start, with what people need to know of course and venue.
-- {statuses} is filled in by the code (one of its own constants): a literal lets the planner use the partial indexes.
-- Filters are resolved to ids first, so that the walk along the partial index can stop at its page.
select schedule.id, schedule.start_datetime, schedule.end_datetime, schedule.status, schedule.notes,
       least(course.max_capacity, venue.capacity) as seats,
       least(course.max_capacity, venue.capacity) - schedule.current_capacity as seats_left,
       course.id as course_id, course.name as course_name, course.course_type, course.price, course.duration_hours,
       venue.id as venue_id, venue.name as venue_name, venue.address_line1, venue.address_line2, venue.city, venue.postcode,
       venue.parking_info, venue.facilities,
       (select coalesce(json_agg(json_build_object('starts_at', session.starts_at, 'ends_at', session.ends_at) order by session.starts_at), '[]')
          from schedule_sessions as session
         where session.course_schedule_id = schedule.id) as sessions
  from course_schedules as schedule
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
 where schedule.status in ({statuses})
   and schedule.start_datetime >= %(starts_from)s
   and schedule.start_datetime < %(starts_before)s
   and (schedule.start_datetime, schedule.id) > (%(after_start)s, %(after_id)s)
   and (%(course_ids)s::integer[] is null or schedule.course_id = any (%(course_ids)s::integer[]))
   and (%(venue_ids)s::integer[] is null or schedule.venue_id = any (%(venue_ids)s::integer[]))
   and (%(for_office)s
        or course.is_active
           and not exists (select from schedule_plans as plan where plan.course_schedule_id = schedule.id and plan.in_house_for is not null))
 order by schedule.start_datetime, schedule.id
 limit %(limit)s
