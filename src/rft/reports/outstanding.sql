-- What is booked and not paid: an order, or a booking that stands alone, the oldest first.
select coalesce(placed.reference, min(booking.booking_reference)) as reference, placed.id is not null as is_order,
       coalesce(placed.organisation_name, placed.booker_name, min(concat_ws(' ', customer.first_name, customer.last_name)), '') as customer,
       coalesce(placed.purchase_order, '') as purchase_order, coalesce(placed.payment_method, '') as way,
       min(booking.created_at) as since, count(*)::integer as places,
       sum(booking.payment_amount - coalesce(kept.amount, 0)) as amount
  from bookings as booking
  join users as customer on customer.id = booking.user_id
  left join order_bookings as seat on seat.booking_id = booking.id
  left join orders as placed on placed.id = seat.order_id
  left join lateral (select sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount end) as amount
                       from payment_transactions as entry where entry.booking_id = booking.id) as kept on true
 where booking.status = 'pending'
 group by placed.id, placed.reference, placed.organisation_name, placed.booker_name, placed.purchase_order, placed.payment_method,
          case when placed.id is null then booking.id end
having sum(booking.payment_amount - coalesce(kept.amount, 0)) > 0
 order by since, reference
 limit %(most)s
