-- Rows of the ledger, with whose they are. Which rows a page shows is settled before anything is joined to them.
select entry.id, entry.created_at, entry.amount, entry.status, entry.payment_method, entry.failure_reason,
       entry.stripe_payment_intent_id, entry.stripe_charge_id, entry.metadata ->> 'stripe_refund_id' as stripe_refund_id,
       nullif(entry.metadata ->> 'note', '') as note, booking.booking_reference, placed.reference as order_reference,
       coalesce(placed.booker_name, nullif(concat_ws(' ', person.first_name, person.last_name), ''), person.email) as customer
  from (select * from payment_transactions as entry where {condition} {order}) as entry
  join bookings as booking on booking.id = entry.booking_id
  join users as person on person.id = booking.user_id
  left join order_bookings as seat on seat.booking_id = entry.booking_id
  left join orders as placed on placed.id = seat.order_id
 {order}
