-- The document and its lines in one statement; the database gives the number.
with issued as (
    insert into invoices (kind, order_id, credits_id, reason, source, issued_on, due_on, seller_name, seller_address, seller_phone,
                          seller_email, vat_number, order_reference, customer_name, customer_email, organisation_name,
                          customer_address, purchase_order, line_count, net, vat, total)
    values (%(kind)s, %(order_id)s, %(credits_id)s, %(reason)s, %(source)s, %(issued_on)s, %(due_on)s, %(seller_name)s,
            %(seller_address)s, %(seller_phone)s, %(seller_email)s, %(vat_number)s, %(order_reference)s, %(customer_name)s,
            %(customer_email)s, %(organisation_name)s, %(customer_address)s, %(purchase_order)s, %(line_count)s, %(net)s, %(vat)s,
            %(total)s)
    returning id, number
), lines as (
    insert into invoice_lines (invoice_id, position, booking_id, credits_line_id, description, price, discount, vat_rate, net, vat, total)
    select issued.id, line.position, line.booking_id, line.credits_line_id, line.description, line.price, line.discount, line.vat_rate,
           line.net, line.vat, line.total
      from issued, jsonb_to_recordset(%(lines)s) as line (position integer, booking_id integer, credits_line_id bigint,
           description text, price numeric, discount numeric, vat_rate numeric, net numeric, vat numeric, total numeric)
)
select number from issued
