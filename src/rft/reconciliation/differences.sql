-- What differs, or differed, and where to look: the order of the booking, or that of another seat that the same payment was for.
select difference.id, difference.object, difference.stripe_id, difference.at_stripe, difference.in_ledger,
       difference.first_seen_at, difference.last_seen_at, difference.resolved_at, difference.resolution, difference.note,
       placed.reference as order_reference, booking.booking_reference,
       coalesce(nullif(concat_ws(' ', staff.first_name, staff.last_name), ''), staff.email) as resolved_by
  from reconciliation_differences as difference
  left join bookings as booking on booking.id = difference.booking_id
  left join order_bookings as seat on seat.booking_id = difference.booking_id
  left join orders as placed on placed.id = seat.order_id
  left join users as staff on staff.id = difference.resolved_by
