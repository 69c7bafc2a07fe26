-- One date with its course, venue and sessions. Drafts and in-house dates are the office's alone (`drafts`).
select schedule.id, schedule.start_datetime, schedule.end_datetime, schedule.status, schedule.notes,
       least(course.max_capacity, venue.capacity) as seats,
       least(course.max_capacity, venue.capacity) - schedule.current_capacity as seats_left,
       course.id as course_id, course.name as course_name, course.course_type, course.price, course.duration_hours,
       venue.id as venue_id, venue.name as venue_name, venue.address_line1, venue.address_line2, venue.city, venue.postcode,
       venue.parking_info, venue.facilities,
       (select coalesce(json_agg(json_build_object(
                   'starts_at', session.starts_at, 'ends_at', session.ends_at,
                   'elsewhere', case when place.id <> venue.id then concat_ws(', ', place.name, place.address_line1, place.city, place.postcode) end)
                   order by session.starts_at), '[]')
          from schedule_sessions as session
          left join venues as place on place.id = session.venue_id
         where session.course_schedule_id = schedule.id) as sessions
  from course_schedules as schedule
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
 where schedule.id = %(id)s
   and (%(drafts)s or schedule.status <> 'draft'
                      and not exists (select from schedule_plans as plan
                                       where plan.course_schedule_id = schedule.id and plan.in_house_for is not null))
