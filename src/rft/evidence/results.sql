-- The results of a date, a row a place that was not given up, by name.
select coalesce(attendee.first_name, customer.first_name, '') as first_name,
       coalesce(attendee.last_name, customer.last_name, '') as last_name,
       booking.booking_reference as reference, course.name as course, rule.name as qualification,
       london_day(schedule.start_datetime) as began_on, london_day(schedule.end_datetime) as completed_on,
       venue.name as venue, venue.postcode, concat_ws(' ', trainer.first_name, trainer.last_name) as trainer,
       case booking.status when 'completed' then 'Pass' when 'no_show' then 'Did not attend' else 'Not completed' end as result,
       live.number as certificate, live.expires_on
  from bookings as booking
  join users as customer on customer.id = booking.user_id
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
  left join attendees as attendee on attendee.booking_id = booking.id
  left join course_variants as variant on variant.course_id = course.id
  left join qualification_rules as rule on rule.qualification = variant.qualification
  left join users as trainer
    on trainer.id = coalesce(schedule.instructor_id, (select min(session.instructor_id)
                                                        from schedule_sessions as session
                                                       where session.course_schedule_id = schedule.id))
  left join certificate_ledger as live on live.booking_id = booking.id
 where booking.course_schedule_id = %(schedule_id)s and booking.status in ('confirmed', 'completed', 'no_show')
 order by last_name, first_name, booking.id
