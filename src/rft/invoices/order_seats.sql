-- What an order's invoice is over, or one of its seats: its seats that are live, or that were paid for (and may have been given up since). Made out to the
-- organisation whose account it is on, within that one's terms; to the booker otherwise. Who has paid already owes at once.
select placed.reference as order_reference, placed.booker_name as customer_name,
       coalesce(organisation.billing_email, placed.booker_email) as customer_email,
       coalesce(organisation.billing_name, organisation.name, placed.organisation_name) as organisation_name,
       coalesce(organisation.billing_address, '{}') as customer_address, placed.purchase_order,
       case placed.payment_method when 'invoice' then coalesce(organisation.payment_terms_days, 30) else 0 end as days_to_pay,
       company.name as seller_name, company.address_lines as seller_address,
       company.phone as seller_phone, company.email as seller_email, company.vat_rate, company.vat_number,
       booking.id as booking_id, booking.payment_amount as total, booking.discount_applied as discount, course.name as course_name,
       schedule.start_datetime as starts_at, venue.city
  from orders as placed
 cross join company_profile as company
  left join order_organisations as account on account.order_id = placed.id
  left join organisations as organisation on organisation.id = account.organisation_id
  join order_bookings as seat on seat.order_id = placed.id
  join bookings as booking on booking.id = seat.booking_id
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
 where placed.id = %(order_id)s
   and (%(booking_id)s::integer is null or booking.id = %(booking_id)s)
   and (booking.status <> 'cancelled'
        or exists (select from payment_transactions as entry where entry.booking_id = booking.id and entry.status = 'succeeded'))
 order by seat.position
