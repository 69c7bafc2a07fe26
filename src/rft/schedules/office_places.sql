-- The seats taken on a date: who sits there, who booked, how it stands. Places that were given back are only counted.
select booking.booking_reference as reference, placed.reference as order_reference, booking.payment_status,
       case when booking.status = 'pending' and placed.id is not null and placed.hold_expires_at is null
            then case approval.state when 'waiting' then 'requested' else 'reserved' end else booking.status end as standing,
       coalesce(attendee.first_name || ' ' || attendee.last_name,
                case when placed.id is null then coalesce(nullif(concat_ws(' ', customer.first_name, customer.last_name), ''), customer.email) end)
           as holder,
       coalesce(placed.booker_name, nullif(concat_ws(' ', customer.first_name, customer.last_name), ''), customer.email) as booker,
       placed.organisation_name, booking.payment_amount, booking.certificate_issued
  from bookings as booking
  join users as customer on customer.id = booking.user_id
  left join order_bookings as seat on seat.booking_id = booking.id
  left join orders as placed on placed.id = seat.order_id
  left join order_approvals as approval on approval.order_id = placed.id
  left join attendees as attendee on attendee.booking_id = booking.id
 where booking.course_schedule_id = %(id)s and booking.status <> 'cancelled'
 order by placed.id nulls first, seat.position, booking.id
