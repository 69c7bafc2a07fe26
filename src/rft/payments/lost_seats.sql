-- The seats of an order that its clock took away and that a late payment pays for to the penny, where they may be booked again: the
-- whole order is lost, nobody gave it up before its time, the date is open and has not begun, and the customer has not booked again.
select booking.id, booking.course_schedule_id
  from orders as placed
  join order_bookings as seat on seat.order_id = placed.id
  join bookings as booking on booking.id = seat.booking_id
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
 where placed.id = %(order_id)s
   and placed.hold_expires_at <= %(now)s
   and booking.status = 'cancelled' and booking.updated_at >= placed.hold_expires_at
   and schedule.status = 'published' and schedule.start_datetime > %(now)s
   and not exists (select from order_bookings as later where later.replaces = booking.id)
   and not exists (select from payment_transactions where booking_id = booking.id and status = 'succeeded')
   and not exists (select from bookings as other
                    where other.user_id = placed.user_id and other.course_schedule_id = booking.course_schedule_id
                      and other.status <> 'cancelled')
   and %(amount)s = (select sum(lost.payment_amount)
                       from order_bookings as same
                       join bookings as lost on lost.id = same.booking_id
                      where same.order_id = placed.id and lost.status = 'cancelled' and lost.updated_at >= placed.hold_expires_at
                        and not exists (select from order_bookings as later where later.replaces = lost.id))
 order by seat.position
