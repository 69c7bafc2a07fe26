-- Invoices and credit notes, by number, customer, organisation, purchase order and order; the expression is that of invoices_search.
select invoice.id, invoice.number as place, coalesce(invoice.organisation_name, invoice.customer_name) as title,
       concat_ws(' · ', invoice.number, case invoice.kind when 'invoice' then null else 'Credit note' end, 'PO ' || invoice.purchase_order,
                 to_char(invoice.issued_on, 'FMDD Mon YYYY'), '£' || invoice.total) as detail,
       array[lower(invoice.number), lower(invoice.purchase_order)] as marks,
       search_key(invoice.number || ' ' || invoice.customer_name || ' ' || coalesce(invoice.organisation_name, '') || ' '
                  || coalesce(invoice.purchase_order, '') || ' ' || invoice.order_reference) as said
  from invoices as invoice
