-- What of a seat's money belongs to `line`, one of those that ask for the seat: the oldest is paid first, and money that goes back is taken
-- from the newest. A line begins above what the older ones asked when it was issued, and ends where a newer one begins.
select entry.created_at as day, entry.payment_method as method, entry.status,
       greatest(least(entry.held, share.upto) - share.above, 0.00)
           - greatest(least(entry.held - entry.signed, share.upto) - share.above, 0.00) as amount
  from (select ledger.*, sum(ledger.signed) over (order by ledger.created_at, ledger.id) as held
          from (select moved.id, moved.created_at, moved.payment_method, moved.status,
                       case moved.status when 'succeeded' then moved.amount else -moved.amount end as signed
                  from payment_transactions as moved
                 where moved.booking_id = line.booking_id and moved.status in ('succeeded', 'refunded')) as ledger) as entry
 cross join (
       select coalesce((select sum(case when older.credits_line_id is null then older.total else -older.total end)
                          from invoice_lines as older
                         where older.booking_id = line.booking_id and older.id < line.id), 0.00) as above,
              (select min((select sum(case when older.credits_line_id is null then older.total else -older.total end)
                             from invoice_lines as older
                            where older.booking_id = newer.booking_id and older.id < newer.id))
                 from invoice_lines as newer
                where newer.booking_id = line.booking_id and newer.id > line.id and newer.credits_line_id is null) as upto) as share
