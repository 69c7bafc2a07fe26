-- Who attended and has not been asked: only at their own address, which is the booker's where it was one place for themselves. Nobody is
-- asked for somebody else.
select booking.id as booking_id, coalesce(attendee.first_name, customer.first_name) as name,
       coalesce(attendee.email, placed.booker_email, customer.email) as email, course.name as course_name,
       london_day(schedule.end_datetime) as ended_on
  from bookings as booking
  join users as customer on customer.id = booking.user_id
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
  join courses as course on course.id = schedule.course_id
  left join order_bookings as seat on seat.booking_id = booking.id
  left join orders as placed on placed.id = seat.order_id
  left join attendees as attendee on attendee.booking_id = booking.id
 where booking.status = 'completed'
   and schedule.end_datetime >= %(since)s and schedule.end_datetime < %(until)s
   and (attendee.email is not null or placed.id is null
        or (placed.seats = 1 and lower(attendee.first_name || ' ' || attendee.last_name) = lower(placed.booker_name)))
   and not exists (select from feedback_invitations as invitation where invitation.booking_id = booking.id)
 order by booking.id
 limit %(most)s
