-- Everything a price depends on, in one look: the date, its course and venue, the code, the offers, the price that the booker's own
-- organisation (or the one the office books for) has agreed, VAT and the policy in force.
select schedule.id as schedule_id, schedule.course_id, schedule.status, schedule.start_datetime, schedule.end_datetime, schedule.current_capacity,
       least(course.max_capacity, venue.capacity) as seat_limit,
       course.name as course_name, course.course_type, course.price, course.is_active as course_is_active,
       venue.name as venue_name, venue.city,
       company.vat_rate,
       policy.version as policy_version, policy.tiers, policy.minimum_age, policy.late_after_minutes,
       (select json_agg(json_build_object('id', offer.id, 'name', offer.name, 'kind', offer.kind, 'at_least_seats', offer.at_least_seats,
                                          'days_ahead', offer.days_ahead, 'percent', offer.percent::text, 'amount', offer.amount::text,
                                          'course_id', offer.course_id, 'valid_from', offer.valid_from, 'valid_until', offer.valid_until))
          from offers as offer
         where offer.is_active) as offers,
       agreed.id as agreed_id, agreed.name as agreed_with, agreed.price as agreed_price,
       code.id as code_id, code.code, code.discount_type, code.discount_value, code.min_purchase_amount, code.valid_from,
       code.valid_until, code.usage_limit, code.times_used, code.course_type_restriction, code.is_active as code_is_active,
       (select count(*)
          from users as customer
          join orders as unpaid on unpaid.user_id = customer.id and coalesce(unpaid.hold_expires_at > %(now)s::timestamp, true)
          join order_bookings as seat on seat.order_id = unpaid.id and seat.position = 1
          join bookings as booking on booking.id = seat.booking_id and booking.status = 'pending'
         where lower(customer.email) = lower(%(email)s::text)) as unpaid_orders
  from course_schedules as schedule
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
 cross join company_profile as company
 cross join lateral (
       select version, tiers, minimum_age, late_after_minutes
         from cancellation_policies
        where in_force_from <= %(london_day)s::date
        order by in_force_from desc
        limit 1) as policy
  left join lateral (
       select price.id, organisation.name, price.price
         from organisation_prices as price
         join organisations as organisation on organisation.id = price.organisation_id and organisation.is_active
        where coalesce(%(user_id)s::integer, %(organisation_id)s::integer) is not null
          and price.organisation_id in (select member.organisation_id
                                          from organisation_members as member
                                         where member.user_id = %(user_id)s::integer
                                         union all
                                        select %(organisation_id)s::integer)
          and price.course_id = schedule.course_id
          and %(london_day)s::date between price.valid_from and coalesce(price.valid_until, 'infinity')
        order by price.price, price.id
        limit 1) as agreed on true
  left join discount_codes as code on upper(code.code) = upper(%(code)s::text)
 where schedule.id = %(schedule_id)s::integer
