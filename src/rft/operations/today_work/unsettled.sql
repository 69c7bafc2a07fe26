-- Money at Stripe that belongs to no seat.
select 'payment_unsettled', placed.reference, null, null, placed.booker_name, null, payment.created_at, payment.amount
  from unsettled_payments as payment
  join orders as placed on placed.id = payment.order_id
 where payment.returned_at is null
