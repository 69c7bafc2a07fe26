-- Dates whose places have no names yet.
select 'nameless', coming.id::text, count(*) filter (where attendee.booking_id is null), count(*), coming.course_name, coming.city,
       coming.start_datetime, null
  from coming
  join bookings as booking on booking.course_schedule_id = coming.id and booking.status = 'confirmed'
  join order_bookings as seat on seat.booking_id = booking.id
  left join attendees as attendee on attendee.booking_id = booking.id
 group by coming.id, coming.course_name, coming.city, coming.start_datetime
having count(*) filter (where attendee.booking_id is null) > 0
