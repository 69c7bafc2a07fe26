-- Money of each London day of this month up to `today`: what came less what went back. The ledger's times are UTC.
select coalesce(sum(entry.amount * case entry.status when 'refunded' then -1 else 1 end), 0.00) as amount
  from generate_series(date_trunc('month', %(today)s::timestamp), %(today)s::timestamp, interval '1 day') as day
  left join payment_transactions as entry
    on entry.status in ('succeeded', 'refunded')
   and entry.created_at >= day at time zone 'Europe/London' at time zone 'UTC'
   and entry.created_at < (day + interval '1 day') at time zone 'Europe/London' at time zone 'UTC'
 group by day
 order by day
