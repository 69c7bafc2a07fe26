-- Places as a change sees them: how each stands, when its first session begins, and the policy it was booked under. A booking without
-- an order is under the policy that was in force on its London day. What stands in braces is the code's own.
select booking.id, booking.booking_reference as reference, booking.status, booking.payment_status, booking.payment_amount,
       booking.discount_applied, booking.discount_code_id, booking.course_schedule_id as schedule_id,
       schedule.status as schedule_status, schedule.course_id, course.name as course_name, venue.name as venue_name, venue.city,
       coalesce((select min(session.starts_at) from schedule_sessions as session where session.course_schedule_id = schedule.id),
                schedule.start_datetime) as first_session,
       schedule.start_datetime as starts_at, schedule.end_datetime as ends_at,
       placed.id as order_id, placed.reference as order_reference,
       (booking.status = 'pending' and placed.hold_expires_at is not null) as on_the_clock,
       coalesce(placed.booker_name, nullif(concat_ws(' ', customer.first_name, customer.last_name), ''), customer.email) as booker,
       attendee.first_name, attendee.last_name, attendee.email as attendee_email,
       coalesce((select move.waived from booking_moves as move where move.booking_id = booking.id order by move.id desc limit 1), 0.00)
           as waived,
       policy.version as policy_version, policy.tiers, policy.minimum_age, policy.late_after_minutes
  from bookings as booking
  join users as customer on customer.id = booking.user_id
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
  left join order_bookings as seat on seat.booking_id = booking.id
  left join orders as placed on placed.id = seat.order_id
  left join attendees as attendee on attendee.booking_id = booking.id
 cross join lateral (
       select version, tiers, minimum_age, late_after_minutes
         from cancellation_policies
        where case when placed.id is null then in_force_from <= london_day(booking.created_at) else version = placed.policy_version end
        order by in_force_from desc
        limit 1) as policy
 where {condition}
 order by placed.id nulls first, seat.position, booking.id
