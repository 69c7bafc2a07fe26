-- The lines that ask for an order's seats, or for one seat, those of a seat together and the newest first, each with all that a credit note
-- takes over from its invoice as it stands there. `line_left` is what a line still asks; `left` what may still be credited of its seat
-- when money goes back, in all its lines: they go on asking for what stays here, of a live seat up to its price.
-- What a move made dearer and no document asks for yet counts as asked: money is credited in whichever order it is told of.
select invoice.id as credits_id, invoice.order_id, invoice.number, invoice.seller_name, invoice.seller_address,
       invoice.seller_phone, invoice.seller_email, invoice.vat_number, invoice.order_reference, invoice.customer_name,
       invoice.customer_email, invoice.organisation_name, invoice.customer_address, invoice.purchase_order,
       line.id as line_id, line.booking_id, line.description, line.vat_rate, line.net, line.vat,
       credited.net as credited_net, credited.vat as credited_vat, line.total - credited.net - credited.vat as line_left,
       sum(line.total - credited.net - credited.vat) over (partition by line.booking_id) + to_ask.amount
           - greatest(least(ledger.received - ledger.returned - owed.amount,
                            case when booking.status <> 'cancelled' then booking.payment_amount end), 0.00) as left,
       booking.status = 'cancelled' and ledger.received < booking.payment_amount as was_given_up_unpaid
  from invoices as invoice
  join invoice_lines as line on line.invoice_id = invoice.id
  join bookings as booking on booking.id = line.booking_id
 cross join lateral (
       select coalesce(sum(credit.net), 0.00) as net, coalesce(sum(credit.vat), 0.00) as vat
         from invoice_lines as credit where credit.credits_line_id = line.id) as credited
 cross join lateral (
       select coalesce(sum(entry.amount) filter (where entry.status = 'succeeded' and entry.payment_method <> 'failed_refund'), 0.00) as received,
              coalesce(sum(case when entry.payment_method = 'failed_refund' then -entry.amount
                                when entry.status = 'refunded' then entry.amount end), 0.00) as returned
         from payment_transactions as entry where entry.booking_id = booking.id and entry.status in ('succeeded', 'refunded')) as ledger
 cross join lateral (
       select coalesce(sum(refund.amount), 0.00) as amount
         from refunds as refund where refund.booking_id = booking.id and refund.state in ('due', 'failed')) as owed
 cross join lateral (
       select coalesce(sum(move.amount_after - move.amount_before), 0.00) as amount
         from booking_moves as move
        where move.booking_id = booking.id and move.after_invoice and move.amount_after > move.amount_before
          and not exists (select from invoices as known where known.source = 'move ' || move.id)) as to_ask
 where invoice.kind = 'invoice' and invoice.order_id = %(order_id)s
   and (%(booking_id)s::integer is null or line.booking_id = %(booking_id)s)
 order by line.booking_id, line.id desc
