-- The company's money in one row. Times are UTC; `month`, `last_month` and `so_far` (this day and hour of last month) are London's.
select money.*, back.refunds, back.amount as to_go_back, back.failed
  from (select coalesce(sum(entry.amount) filter (where entry.status = 'succeeded' and entry.created_at >= %(month)s), 0.00) as received,
               coalesce(sum(entry.amount) filter (where entry.status = 'refunded' and entry.created_at >= %(month)s), 0.00) as returned,
               coalesce(sum(entry.amount) filter (where entry.status = 'succeeded' and entry.created_at < %(so_far)s), 0.00)
                   as received_last_month_so_far,
               coalesce(sum(entry.amount) filter (where entry.status = 'succeeded' and entry.created_at < %(month)s), 0.00)
                   as received_last_month
          from payment_transactions as entry
         where entry.created_at >= %(last_month)s and entry.status in ('succeeded', 'refunded')) as money,
       (select count(*) as refunds, coalesce(sum(refund.amount), 0.00) as amount, count(*) filter (where refund.state = 'failed') as failed
          from refunds as refund
         where refund.state in ('due', 'sent', 'failed')) as back
