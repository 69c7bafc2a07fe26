-- One date for the office: its days with where and with whom each is held, and what people need to know of its venue.
select schedule.id, schedule.start_datetime as starts_at, schedule.end_datetime as ends_at, schedule.status, schedule.notes,
       schedule.current_capacity as taken, least(course.max_capacity, venue.capacity) as seats,
       schedule.created_at, course.name as course_name, course.price, venue.name as venue_name,
       concat_ws(', ', venue.address_line1, venue.address_line2, venue.city, venue.postcode) as address,
       nullif(concat_ws(' ', instructor.first_name, instructor.last_name), '') as instructor_name, instructor.phone as instructor_phone,
       nullif(concat_ws(' ', author.first_name, author.last_name), '') as author_name,
       plan.minimum_seats, plan.decide_by, plan.in_house_for, plan.series_id, waiver.reason as waiver, waiver.missing as waived,
       coalesce(days.rows, '[]') as days
  from course_schedules as schedule
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
  left join users as instructor on instructor.id = schedule.instructor_id
  left join users as author on author.id = schedule.created_by
  left join schedule_plans as plan on plan.course_schedule_id = schedule.id
  left join schedule_waivers as waiver on waiver.course_schedule_id = schedule.id
  left join lateral (
       select json_agg(json_build_object(
                  'starts_at', session.starts_at, 'ends_at', session.ends_at,
                  'venue', elsewhere.name, 'instructor', nullif(concat_ws(' ', other.first_name, other.last_name), ''))
                  order by session.starts_at) as rows
         from schedule_sessions as session
         left join venues as elsewhere on elsewhere.id = session.venue_id and session.venue_id <> schedule.venue_id
         left join users as other on other.id = session.instructor_id and session.instructor_id is distinct from schedule.instructor_id
        where session.course_schedule_id = schedule.id) as days on true
 where schedule.id = %(id)s
