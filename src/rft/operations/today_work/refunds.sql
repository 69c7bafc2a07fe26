-- Refunds that failed, that Stripe has not heard of, or that are given back by hand.
select case when refund.state = 'failed' then 'refund_failed' when refund.method = 'card' then 'refund_stuck' else 'refund_by_hand' end,
       refund.id::text, null, null,
       coalesce(placed.booker_name, nullif(concat_ws(' ', customer.first_name, customer.last_name), ''), customer.email), null,
       refund.created_at, refund.amount
  from refunds as refund
  join bookings as booking on booking.id = refund.booking_id
  join users as customer on customer.id = booking.user_id
  left join order_bookings as seat on seat.booking_id = booking.id
  left join orders as placed on placed.id = seat.order_id
 where refund.state = 'failed'
    or (refund.state = 'due' and (refund.method <> 'card' or refund.created_at < %(five_minutes_ago)s))
