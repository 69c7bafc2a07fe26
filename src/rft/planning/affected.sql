-- The dates that cannot be held as they are while a person, or a venue, is not there between two times: each with the days that are hit.
select schedule.id as schedule_id, course.name as course_name, venue.name as venue_name, venue.city, schedule.status,
       schedule.current_capacity as taken, min(lower(held.during)) as starts_at, max(upper(held.during)) as ends_at,
       array_agg(lower(held.during) order by held.during) as hit
  from schedule_occupancies as held
  join course_schedules as schedule on schedule.id = held.course_schedule_id
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = held.venue_id
 where held.during && tsrange(%(from)s, %(until)s, '[)') and upper(held.during) > %(now)s
   and (held.instructor_id = %(instructor_id)s or held.venue_id = %(venue_id)s)
 group by schedule.id, course.name, venue.name, venue.city
 order by min(lower(held.during)), schedule.id
 limit 60
