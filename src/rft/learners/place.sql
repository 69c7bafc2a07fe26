-- One place as its attendee sees it, by the link or by the booking. What stands in braces is the code's own.
select link.id as link_id, attendee.email as recipient, booking.id as booking_id, booking.booking_reference as reference,
       booking.status, placed.id as order_id, placed.reference as order_reference, placed.booker_name,
       booking.course_schedule_id as schedule_id, course.name as course_name, policy.minimum_age,
       coalesce((select min(session.starts_at) from schedule_sessions as session where session.course_schedule_id = schedule.id),
                schedule.start_datetime) as first_session,
       schedule.end_datetime as ends_at, attendee.first_name, attendee.last_name, detail.date_of_birth,
       coalesce(variant.qualification like '%%\_requalification', false) as renews,
       earlier.certificate_id is not null as earlier_is_ours, ours.number as earlier_number, earlier.provider as earlier_provider,
       earlier.completed_on as earlier_completed_on, earlier.media_type as earlier_media_type
  from bookings as booking
  join order_bookings as seat on seat.booking_id = booking.id
  join orders as placed on placed.id = seat.order_id
  join cancellation_policies as policy on policy.version = placed.policy_version
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
  join courses as course on course.id = schedule.course_id
  join attendees as attendee on attendee.booking_id = booking.id
  left join attendee_links as link
    on link.booking_id = booking.id and link.revoked_at is null and lower(link.recipient) = lower(attendee.email)
  left join attendee_details as detail on detail.booking_id = booking.id
  left join course_variants as variant on variant.course_id = course.id
  left join earlier_certificates as earlier on earlier.booking_id = booking.id
  left join certificates as ours on ours.id = earlier.certificate_id
 where {condition}
