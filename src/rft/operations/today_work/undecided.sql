-- Dates under their minimum, when the day to decide comes near.
select 'undecided', schedule.id::text, schedule.current_capacity, plan.minimum_seats, course.name, venue.city, schedule.start_datetime, null
  from schedule_plans as plan
  join course_schedules as schedule on schedule.id = plan.course_schedule_id
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
 where schedule.status = 'published' and schedule.start_datetime > %(now)s and schedule.current_capacity < plan.minimum_seats
   and (plan.decide_by <= %(decide_until)s::date or schedule.start_datetime < %(horizon)s)
