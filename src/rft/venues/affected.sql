-- The dates at a venue that are still to come, with their seats now and at another capacity of the venue; and earlier ones on which
-- more people were than that allows, since nobody's chair is taken away afterwards either.
select schedule.id, schedule.start_datetime as starts_at, schedule.end_datetime as ends_at, schedule.status,
       course.name as place, schedule.current_capacity as taken,
       least(course.max_capacity, venue.capacity) as seats, changed.seats as seats_then
  from course_schedules as schedule
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
 cross join lateral (select least(course.max_capacity, coalesce(%(capacity)s::integer, venue.capacity)) as seats) as changed
 where schedule.venue_id = %(venue_id)s
   and schedule.status <> 'cancelled'
   and (schedule.end_datetime >= %(now)s or schedule.current_capacity > changed.seats)
 order by schedule.start_datetime, schedule.id
 limit 200
