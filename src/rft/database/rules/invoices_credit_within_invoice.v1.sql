-- Credit notes never credit more of a line than the invoice asked for it, neither in all nor of its net or its VAT.
--
-- The invoice is touched first, so that two credit notes at once never both believe an old sum; and it must be an invoice, not
-- another credit note.
create function invoices_credit_within_invoice() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    line record;
    credited record;
begin
    update invoices set kind = kind where id = (select invoice_id from invoice_lines where id = new.credits_line_id);
    select asked.total, asked.net, asked.vat, invoice.number, invoice.kind into line
      from invoice_lines as asked join invoices as invoice on invoice.id = asked.invoice_id
     where asked.id = new.credits_line_id;
    select sum(total) as total, sum(net) as net, sum(vat) as vat into credited
      from invoice_lines
     where credits_line_id = new.credits_line_id;
    if line.kind <> 'invoice' or credited.total > line.total or credited.net > line.net or credited.vat > line.vat then
        perform refuse('invoices_credit_within_invoice', 'invoice_lines',
            format('£%s would have been credited of £%s on %s.', credited.total, line.total, line.number),
            jsonb_build_object('invoice', line.number, 'left', (line.total - credited.total + new.total)::text));
    end if;
    return null;
end $$;

create trigger invoices_credit_within_invoice after insert on invoice_lines
for each row when (new.credits_line_id is not null) execute function invoices_credit_within_invoice();

-- down
drop trigger invoices_credit_within_invoice on invoice_lines;
drop function invoices_credit_within_invoice();
