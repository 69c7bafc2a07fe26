-- Dates that are over: registers to close, certificates to issue.
select case held.status when 'confirmed' then 'register_open' else 'certificates_due' end, schedule.id::text, held.seats, null,
       course.name, venue.city, schedule.start_datetime, null
  from (select booking.course_schedule_id, booking.status, count(*) as seats
          from bookings as booking
         where booking.status = 'confirmed'
            or (booking.status = 'completed' and not booking.certificate_issued
                and not exists (select from register_make_ups as made_up where made_up.in_booking_id = booking.id))
         group by booking.course_schedule_id, booking.status) as held
  join course_schedules as schedule on schedule.id = held.course_schedule_id and schedule.end_datetime < %(now)s
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
