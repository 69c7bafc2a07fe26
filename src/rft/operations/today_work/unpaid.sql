-- Purchase orders that are unpaid when their date is near.
select 'unpaid', placed.reference, null, null, coalesce(placed.organisation_name, placed.booker_name), null, schedule.start_datetime,
       sum(booking.payment_amount)
  from bookings as booking
  join order_bookings as seat on seat.booking_id = booking.id
  join orders as placed on placed.id = seat.order_id and placed.payment_method = 'invoice'
  join order_approvals as approval on approval.order_id = placed.id and approval.state = 'accepted'
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
 where booking.status = 'pending'
   and schedule.start_datetime < %(horizon)s
 group by placed.id, schedule.start_datetime
