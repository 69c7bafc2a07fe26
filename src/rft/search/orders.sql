-- Orders, by reference, whoever booked, the organisation and its purchase order; the expression is that of orders_search.
select placed.id, placed.reference as place, placed.booker_name as title,
       concat_ws(' · ', placed.reference, placed.organisation_name, 'PO ' || placed.purchase_order, placed.booker_email) as detail,
       array[lower(placed.reference), lower(placed.purchase_order), lower(placed.booker_email)] as marks,
       search_key(placed.reference || ' ' || placed.booker_name || ' ' || placed.booker_email || ' ' || search_digits(placed.booker_phone)
                  || ' ' || coalesce(placed.organisation_name, '') || ' ' || coalesce(placed.purchase_order, '')) as said
  from orders as placed
