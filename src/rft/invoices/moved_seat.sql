-- A seat that was moved, what the other date cost more, and after how many days the order's invoice, which stands, asks for its money.
select seat.order_id, move.booking_id, move.amount_after - move.amount_before as difference, invoice.due_on - invoice.issued_on as days_to_pay,
       from_course.name as from_course, from_date.start_datetime as from_starts_at, from_venue.city as from_city,
       to_course.name as to_course, to_date.start_datetime as to_starts_at, to_venue.city as to_city
  from booking_moves as move
  join order_bookings as seat on seat.booking_id = move.booking_id
  join invoices as invoice on invoice.order_id = seat.order_id and invoice.kind = 'invoice' and invoice.source is null
  join course_schedules as from_date on from_date.id = move.from_schedule_id
  join courses as from_course on from_course.id = from_date.course_id
  join venues as from_venue on from_venue.id = from_date.venue_id
  join course_schedules as to_date on to_date.id = move.to_schedule_id
  join courses as to_course on to_course.id = to_date.course_id
  join venues as to_venue on to_venue.id = to_date.venue_id
 where move.id = %(move_id)s
