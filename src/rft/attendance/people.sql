-- Who is on the register of a date: its live places, by name; one that nobody is named for stands under its booker.
select booking.id as booking_id, booking.booking_reference as reference, booking.status, booking.payment_status,
       coalesce(nullif(concat_ws(' ', attendee.first_name, attendee.last_name), ''),
                case when seat.booking_id is null then nullif(concat_ws(' ', customer.first_name, customer.last_name), '') end) as name,
       coalesce(placed.organisation_name, placed.booker_name,
                nullif(concat_ws(' ', customer.first_name, customer.last_name), ''), 'nobody we know') as booked_by,
       (needs.booking_id is not null) as has_needs, (made_up.in_booking_id is not null) as is_make_up,
       booking.certificate_issued, register_missing(booking.id) as missing
  from bookings as booking
  join users as customer on customer.id = booking.user_id
  left join attendees as attendee on attendee.booking_id = booking.id
  left join order_bookings as seat on seat.booking_id = booking.id
  left join orders as placed on placed.id = seat.order_id
  left join access_needs as needs on needs.booking_id = booking.id
  left join register_make_ups as made_up on made_up.in_booking_id = booking.id
 where booking.course_schedule_id = %(schedule_id)s and booking.status <> 'cancelled'
 order by lower(coalesce(attendee.last_name, customer.last_name)), lower(coalesce(attendee.first_name, customer.first_name)), booking.id
