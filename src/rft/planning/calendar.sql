-- Each day of each date between two times, with where, with whom, and how full. The span is looked up in the index over what is held.
select schedule.id as schedule_id, course.name as course_name, schedule.status, lower(held.during) as starts_at, upper(held.during) as ends_at,
       (select count(*) from schedule_occupancies as earlier
         where earlier.course_schedule_id = schedule.id and lower(earlier.during) <= lower(held.during)) as number,
       (select count(*) from schedule_occupancies as every where every.course_schedule_id = schedule.id) as days,
       venue.id as venue_id, venue.name as venue_name, venue.city,
       instructor.id as instructor_id, nullif(concat_ws(' ', instructor.first_name, instructor.last_name), '') as instructor_name,
       schedule.current_capacity as taken, least(course.max_capacity, home.capacity) as seats, plan.in_house_for
  from schedule_occupancies as held
  join course_schedules as schedule on schedule.id = held.course_schedule_id
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = held.venue_id
  join venues as home on home.id = schedule.venue_id
  left join users as instructor on instructor.id = held.instructor_id
  left join schedule_plans as plan on plan.course_schedule_id = schedule.id
 where held.during && tsrange(%(from)s, %(before)s, '[)')
   and (%(venue_id)s::integer is null or held.venue_id = %(venue_id)s)
   and (%(instructor_id)s::integer is null or held.instructor_id = %(instructor_id)s)
 order by lower(held.during), venue.name, schedule.id
 limit 2000
