-- Seats in place of those that were lost, at the price that was agreed, for the same people, in the same order.
with lost as (
    select booking.*, seat.order_id, again.reference,
           (select max(position) from order_bookings as same where same.order_id = seat.order_id)
           + row_number() over (order by seat.position) as place
      from unnest(%(booking_ids)s::integer[], %(references)s::text[]) as again (booking_id, reference)
      join bookings as booking on booking.id = again.booking_id
      join order_bookings as seat on seat.booking_id = booking.id
), booked as (
    insert into bookings (user_id, course_schedule_id, booking_reference, payment_amount, discount_applied, discount_code_id)
    select lost.user_id, lost.course_schedule_id, lost.reference, lost.payment_amount, lost.discount_applied,
           case when %(with_code)s then lost.discount_code_id end
      from lost
    returning id, booking_reference
), seated as (
    insert into order_bookings (booking_id, order_id, position, replaces)
    select booked.id, lost.order_id, lost.place, lost.id
      from booked join lost on lost.reference = booked.booking_reference
)
insert into attendees (booking_id, first_name, last_name, email)
select booked.id, attendee.first_name, attendee.last_name, attendee.email
  from booked
  join lost on lost.reference = booked.booking_reference
  join attendees as attendee on attendee.booking_id = lost.id
