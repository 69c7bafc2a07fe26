-- Everybody who waits or has waited for a date, in the order of joining, with what became of the offer. The offer's own order tells
-- it: pending with a clock is open; any other seat that lives is booked; no seat that lives, and the offer has lapsed.
select entry.id, entry.reference, entry.course_id, entry.user_id, entry.first_name, entry.last_name, entry.email, entry.phone, entry.places,
       entry.joined_at, entry.offered_at, entry.left_at, placed.reference as order_reference, placed.course_schedule_id as offered_schedule_id,
       placed.hold_expires_at as offered_until,
       array(select booking.status::text
               from order_bookings as seat join bookings as booking on booking.id = seat.booking_id
              where seat.order_id = entry.order_id) as statuses,
       array(select dated.course_schedule_id from waiting_dates as dated where dated.entry_id = entry.id order by 1) as schedule_ids
  from waiting_entries as entry
  left join orders as placed on placed.id = entry.order_id
