-- Documents with what has been credited and received for their seats. The source is the table, or a statement that chose among its rows.
select invoice.*, credited_invoice.number as credits_number, coalesce(credit.total, 0.00) as credited,
       coalesce(ledger.received, 0.00) as received
  from {page} as invoice
  left join invoices as credited_invoice on credited_invoice.id = invoice.credits_id
  left join lateral (select sum(note.total) as total from invoices as note where note.credits_id = invoice.id) as credit on true
  left join lateral (select sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount end) as received
                       from invoice_lines as line join payment_transactions as entry on entry.booking_id = line.booking_id
                      where line.invoice_id = invoice.id and invoice.kind = 'invoice') as ledger on true
