-- Documents with what has been credited and received for their lines. The source is the table, or a statement that chose among its rows.
select invoice.*, credited_invoice.number as credits_number, first_invoice.number as adds_to_number,
       coalesce(credit.total, 0.00) as credited, coalesce(ledger.received, 0.00) as received
  from {page} as invoice
  left join invoices as credited_invoice on credited_invoice.id = invoice.credits_id
  left join invoices as first_invoice on invoice.kind = 'invoice' and invoice.source is not null
       and first_invoice.order_id = invoice.order_id and first_invoice.kind = 'invoice' and first_invoice.source is null
  left join lateral (select sum(note.total) as total from invoices as note where note.credits_id = invoice.id) as credit on true
  left join lateral (select sum(entry.amount) as received
                       from invoice_lines as line cross join lateral ({received}) as entry
                      where line.invoice_id = invoice.id and invoice.kind = 'invoice') as ledger on true
