-- Money that came after its seat was given away, and has not gone back.
select 'refund_waiting', placed.reference, count(distinct booking.id), null, placed.booker_name, null, max(entry.created_at),
       sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount else 0 end)
  from bookings as booking
  join payment_transactions as entry on entry.booking_id = booking.id and entry.status in ('succeeded', 'refunded')
  join order_bookings as seat on seat.booking_id = booking.id
  join orders as placed on placed.id = seat.order_id
 where booking.status = 'cancelled' and booking.payment_status = 'pending'
   and not exists (select from refunds as refund where refund.booking_id = booking.id and refund.state <> 'withdrawn')
 group by placed.id
having sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount else 0 end) > 0
