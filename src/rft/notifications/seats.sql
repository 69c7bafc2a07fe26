-- The seats of an order that are in one of the statuses, in the order in which they were asked for.
-- Whoever is to sit there may be named later.
select booking.id as booking_id,
       booking.course_schedule_id,
       booking.booking_reference as reference,
       booking.payment_amount as amount,
       booking.discount_applied as discount,
       attendee.first_name,
       attendee.last_name,
       (select coalesce(sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount end), 0.00)
          from payment_transactions as entry where entry.booking_id = booking.id) as paid
  from order_bookings as seat
  join bookings as booking on booking.id = seat.booking_id
  left join attendees as attendee on attendee.booking_id = booking.id
 where seat.order_id = %(order_id)s
   and booking.status = any(%(statuses)s)
 order by seat.position
