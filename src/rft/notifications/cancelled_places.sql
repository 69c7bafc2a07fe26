-- Places that were given up, what goes back for each, and how much of that goes to a card by itself.
select booking.id as booking_id, booking.booking_reference as reference, course.name as course_name,
       schedule.start_datetime as starts_at, schedule.end_datetime as ends_at,
       attendee.first_name || ' ' || attendee.last_name as attendee,
       given.cause, given.reason, given.refund,
       coalesce((select sum(refund.amount) from refunds as refund
                  where refund.booking_id = booking.id and refund.method = 'card' and refund.reason like 'cancelled%%'), 0.00) as to_card
  from booking_cancellations as given
  join bookings as booking on booking.id = given.booking_id
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
  join courses as course on course.id = schedule.course_id
  left join order_bookings as seat on seat.booking_id = booking.id
  left join attendees as attendee on attendee.booking_id = booking.id
 where given.booking_id = any (%(booking_ids)s)
 order by seat.position, booking.id
