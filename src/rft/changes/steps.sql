-- What is done with each place of a date that is cancelled, and how far it is; the dates that places move to in words of their own.
select step.booking_id, booking.booking_reference as reference, step.state, step.why, step.move_to,
       target.start_datetime as target_starts_at, seat.order_id, placed.reference as order_reference,
       coalesce(attendee.first_name || ' ' || attendee.last_name, placed.booker_name,
                nullif(concat_ws(' ', customer.first_name, customer.last_name), ''), customer.email) as who,
       given.refund
  from schedule_cancellation_steps as step
  join bookings as booking on booking.id = step.booking_id
  join users as customer on customer.id = booking.user_id
  left join order_bookings as seat on seat.booking_id = booking.id
  left join orders as placed on placed.id = seat.order_id
  left join attendees as attendee on attendee.booking_id = booking.id
  left join course_schedules as target on target.id = step.move_to
  left join booking_cancellations as given on given.booking_id = booking.id
 where step.course_schedule_id = %(schedule_id)s
 order by seat.order_id nulls first, seat.position, step.booking_id
