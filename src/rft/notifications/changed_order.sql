-- The order that changed places belong to, in the words of a mail; of a place without an order, its customer and its own reference.
select coalesce(placed.id, 0) as id, coalesce(placed.reference, booking.booking_reference) as reference,
       coalesce(placed.booker_name, nullif(concat_ws(' ', customer.first_name, customer.last_name), ''), customer.email) as booker_name,
       coalesce(placed.booker_email, customer.email) as booker_email, placed.organisation_name, placed.purchase_order,
       coalesce(placed.payment_method, 'invoice') as payment_method, coalesce(placed.total, booking.payment_amount) as total,
       coalesce(placed.vat, 0.00) as vat, course.name as course_name, placed.hold_expires_at
  from bookings as booking
  join users as customer on customer.id = booking.user_id
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
  join courses as course on course.id = schedule.course_id
  left join order_bookings as seat on seat.booking_id = booking.id
  left join orders as placed on placed.id = seat.order_id
 where booking.id = %(booking_id)s
