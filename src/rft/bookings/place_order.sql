-- Places an order in one statement: finds or makes the customer, writes the order, books its seats (rules 1 and 3 judge each of
-- them) and names its attendees. Where another request makes the same customer at the same moment, this waits for it, does nothing
-- at all and gives no row: the next statement sees that customer. (An update in place of doing nothing would hear of one of the two
-- unique indexes only, and would lock the row so that foreign keys wait for it: deadlocks among three orders of somebody new.)
with made as (
    insert into users (email, password_hash, first_name, last_name, phone)
    select %(email)s::text, '!', %(first_name)s::text, %(last_name)s::text, %(phone)s::text
     where not exists (select from users where lower(email) = lower(%(email)s::text))
    on conflict do nothing
    returning id
), customer as (
    select id from made
    union all
    -- An account that was merged is another name of the one that is kept.
    select coalesce(merged.into_user_id, known.id)
      from users as known left join merged_users as merged on merged.user_id = known.id
     where lower(known.email) = lower(%(email)s::text)
), placed as (
    insert into orders (reference, access_token_hash, user_id, course_schedule_id, booker_name, booker_email, booker_phone,
                        organisation_name, purchase_order, payment_method, seats, total, vat, terms_version, policy_version,
                        hold_expires_at, list_price, unit_price, unit_discount, price_reason, discount_reason, vat_rate, offer_id,
                        organisation_price_id)
    select %(reference)s::text, %(access_token_hash)s::bytea, customer.id, %(schedule_id)s::integer, %(booker_name)s::text, %(email)s::text, %(phone)s::text,
           %(organisation_name)s::text, %(purchase_order)s::text, %(payment_method)s::text, %(seats)s::integer, %(total)s::numeric, %(vat)s::numeric, %(terms_version)s::text,
           %(policy_version)s::text, %(hold_expires_at)s::timestamp, %(list_price)s::numeric, %(gross)s::numeric, %(discount)s::numeric, %(price_reason)s::text, %(discount_reason)s::text,
           %(vat_rate)s::numeric, %(offer_id)s::integer, %(organisation_price_id)s::bigint
      from customer
    returning id
), booked as (
    insert into bookings (user_id, course_schedule_id, booking_reference, status, payment_status, payment_amount, discount_applied,
                          discount_code_id)
    select customer.id, %(schedule_id)s::integer, seat.reference, %(status)s::text, %(payment_status)s::text, %(net)s::numeric, %(discount)s::numeric, %(discount_code_id)s::integer
      from customer, unnest(%(booking_references)s::text[]) as seat (reference)
    returning id, booking_reference
), seated as (
    insert into order_bookings (booking_id, order_id, position)
    select booked.id, placed.id, array_position(%(booking_references)s::text[], booked.booking_reference::text)
      from booked, placed
), named as (
    insert into attendees (booking_id, first_name, last_name, email)
    select booked.id, attendee.first_name, attendee.last_name, attendee.email
      from unnest(%(attendee_references)s::text[], %(attendee_first_names)s::text[], %(attendee_last_names)s::text[],
                  %(attendee_emails)s::text[]) as attendee (reference, first_name, last_name, email)
      join booked on booked.booking_reference = attendee.reference
)
select id as order_id from placed
