-- The company's money in one row. Times are UTC; `month`, `last_month` and `so_far` (this day and hour of last month) are London's.
select money.*, owed.orders, owed.amount as outstanding, owed.overdue_orders, owed.overdue,
       back.refunds, back.amount as to_go_back, back.failed
  from (select coalesce(sum(entry.amount) filter (where entry.status = 'succeeded' and entry.created_at >= %(month)s), 0.00) as received,
               coalesce(sum(entry.amount) filter (where entry.status = 'refunded' and entry.created_at >= %(month)s), 0.00) as returned,
               coalesce(sum(entry.amount) filter (where entry.status = 'succeeded' and entry.created_at < %(so_far)s), 0.00)
                   as received_last_month_so_far,
               coalesce(sum(entry.amount) filter (where entry.status = 'succeeded' and entry.created_at < %(month)s), 0.00)
                   as received_last_month
          from payment_transactions as entry
         where entry.created_at >= %(last_month)s and entry.status in ('succeeded', 'refunded')) as money,
       (select count(distinct placed.id) as orders, coalesce(sum(booking.payment_amount), 0.00) as amount,
               count(distinct placed.id) filter (where placed.created_at < %(terms_began)s) as overdue_orders,
               coalesce(sum(booking.payment_amount) filter (where placed.created_at < %(terms_began)s), 0.00) as overdue
          from bookings as booking
          join order_bookings as seat on seat.booking_id = booking.id
          join orders as placed on placed.id = seat.order_id and placed.payment_method = 'invoice'
         where booking.status = 'pending') as owed,
       (select count(*) as refunds, coalesce(sum(refund.amount), 0.00) as amount, count(*) filter (where refund.state = 'failed') as failed
          from refunds as refund
         where refund.state in ('due', 'sent', 'failed')) as back
