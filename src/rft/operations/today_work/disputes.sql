-- What a bank disputes, until it is won or lost.
select 'disputed', min(placed.reference), null, null, min(placed.booker_name), null, coalesce(dispute.answer_by, dispute.created_at),
       dispute.amount
  from disputes as dispute
  left join payment_transactions as entry on entry.stripe_payment_intent_id = dispute.stripe_payment_intent_id
  left join order_bookings as seat on seat.booking_id = entry.booking_id
  left join orders as placed on placed.id = seat.order_id
 where dispute.status not in ('won', 'lost')
 group by dispute.stripe_id
