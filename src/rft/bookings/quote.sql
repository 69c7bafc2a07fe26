-- Everything a price depends on, in one look: the date, its course and venue, the code, the offers, VAT and the policy in force.
select schedule.id as schedule_id, schedule.course_id, schedule.status, schedule.start_datetime, schedule.end_datetime, schedule.current_capacity,
       least(course.max_capacity, venue.capacity) as seat_limit,
       course.name as course_name, course.course_type, course.price, course.is_active as course_is_active,
       venue.name as venue_name, venue.city,
       exists (select from schedule_plans as plan where plan.course_schedule_id = schedule.id and plan.in_house_for is not null) as in_house,
       company.vat_rate,
       policy.version as policy_version, policy.tiers, policy.minimum_age, policy.late_after_minutes,
       (select json_agg(json_build_object('id', offer.id, 'name', offer.name, 'kind', offer.kind, 'at_least_seats', offer.at_least_seats,
                                          'days_ahead', offer.days_ahead, 'percent', offer.percent::text, 'amount', offer.amount::text,
                                          'course_id', offer.course_id, 'valid_from', offer.valid_from, 'valid_until', offer.valid_until))
          from offers as offer
         where offer.is_active) as offers,
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
  left join discount_codes as code on upper(code.code) = upper(%(code)s::text)
 where schedule.id = %(schedule_id)s::integer
