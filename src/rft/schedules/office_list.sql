-- Dates as the office lists them, with who teaches and how many seats are taken. What stands in braces is the code's own.
select schedule.id, schedule.start_datetime as starts_at, schedule.end_datetime as ends_at, schedule.status,
       schedule.current_capacity as taken, least(course.max_capacity, venue.capacity) as seats,
       course.name as course_name, venue.name as venue_name, venue.city,
       nullif(concat_ws(' ', instructor.first_name, instructor.last_name), '') as instructor_name,
       plan.minimum_seats, plan.in_house_for,
       (select count(*) from schedule_sessions as session where session.course_schedule_id = schedule.id) as sessions
  from course_schedules as schedule
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
  left join users as instructor on instructor.id = schedule.instructor_id
  left join schedule_plans as plan on plan.course_schedule_id = schedule.id
 where {condition}
 {order}
