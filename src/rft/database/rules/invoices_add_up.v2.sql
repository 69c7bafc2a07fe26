-- An invoice has the lines it says it has, and they add up to its totals, to the penny.
--
-- Looked at when the transaction ends, so that document and lines may be written in any order; a line that is added later, even one
-- of nothing, no longer fits. The lines of an invoice are seats of its order; those of a credit note credit lines of its invoice.
--
-- New in this version: an order may have supplementary invoices, which say what caused them; each is over seats that the order's invoice
-- is over, to which it adds.
create function require_invoice_adds_up(of_invoice bigint) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    document record;
begin
    select invoice.number, invoice.line_count, invoice.total, count(line.id) as lines, coalesce(sum(line.total), 0) as summed,
           (invoice.net, invoice.vat) = (coalesce(sum(line.net), 0), coalesce(sum(line.vat), 0)) as parts_add_up,
           bool_and(seat.order_id is not distinct from invoice.order_id
                    and credited.invoice_id is not distinct from invoice.credits_id
                    and (credited.id is null or credited.booking_id = line.booking_id)
                    and (invoice.kind <> 'invoice' or invoice.source is null
                         or exists (select from invoices as first_invoice
                                      join invoice_lines as first_line on first_line.invoice_id = first_invoice.id
                                     where first_invoice.order_id = invoice.order_id and first_invoice.kind = 'invoice'
                                       and first_invoice.source is null and first_line.booking_id = line.booking_id))) as belong
      into document
      from invoices as invoice
      left join invoice_lines as line on line.invoice_id = invoice.id
      left join invoice_lines as credited on credited.id = line.credits_line_id
      left join order_bookings as seat on seat.booking_id = line.booking_id
     where invoice.id = of_invoice
     group by invoice.id;
    if not document.belong then
        perform refuse('invoices_add_up', 'invoices', format('%s has lines that are not its own to have.', document.number));
    end if;
    if document.lines <> document.line_count or document.summed <> document.total or not document.parts_add_up then
        perform refuse('invoices_add_up', 'invoices',
            format('%s is over £%s in %s lines, and has %s lines over £%s.', document.number, document.total, document.line_count,
                   document.lines, document.summed));
    end if;
end $$;

create function invoices_add_up() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform require_invoice_adds_up(new.id);
    return null;
end $$;

create function invoice_lines_add_up() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform require_invoice_adds_up(new.invoice_id);
    return null;
end $$;

create constraint trigger invoices_add_up after insert on invoices
deferrable initially deferred for each row execute function invoices_add_up();
create constraint trigger invoice_lines_added_up after insert on invoice_lines
deferrable initially deferred for each row execute function invoice_lines_add_up();

-- down
drop trigger invoice_lines_added_up on invoice_lines;
drop trigger invoices_add_up on invoices;
drop function invoice_lines_add_up();
drop function invoices_add_up();
drop function require_invoice_adds_up(bigint);
