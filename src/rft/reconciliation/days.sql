-- London's days from the first to the last, each with what Stripe received, returned (disputes with it) and kept as its fee.
select day::date as day,
       coalesce(sum(moved.amount) filter (where moved.kind in ('charge', 'payment')), 0.00) as received,
       coalesce(-sum(moved.amount) filter (where moved.kind in ('refund', 'payment_refund', 'refund_failure', 'dispute', 'dispute_reversal')),
           0.00) as returned,
       coalesce(sum(moved.fee - case when moved.kind = 'fee' then moved.amount else 0 end), 0.00) as fees
  from generate_series(%(first)s::date::timestamp, %(last)s::date::timestamp, interval '1 day') as day
  left join stripe_balance_transactions as moved
         on moved.created_at >= (day at time zone 'Europe/London') at time zone 'UTC'
        and moved.created_at < ((day + interval '1 day') at time zone 'Europe/London') at time zone 'UTC'
 group by day
 order by day
