-- Open dates of a course to come, with places left, for somebody who moves there; the soonest first.
select schedule.id, schedule.start_datetime as starts_at, schedule.end_datetime as ends_at,
       course.id as course_id, course.name as course_name, course.price, venue.name as venue_name, venue.city,
       least(course.max_capacity, venue.capacity) - schedule.current_capacity as seats_left
  from course_schedules as schedule
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
 where schedule.status = 'published'
   and schedule.start_datetime > %(now)s
   and schedule.id <> %(except_id)s
   and course.is_active
   and (%(any_course)s or course.id = %(course_id)s)
   and (%(only_id)s::integer is null or schedule.id = %(only_id)s)
   and schedule.current_capacity < least(course.max_capacity, venue.capacity)
 order by (course.id = %(course_id)s) desc, course.name, schedule.start_datetime, schedule.id
 limit 100
