-- What stands on the certificates of bookings: who sat in the seat, what was taught, when they had completed it, and by whom.
select booking.id as booking_id, booking.booking_reference as reference, booking.status, booking.certificate_issued,
       booking.certificate_issued_date,
       case when attendee.booking_id is not null then concat_ws(' ', attendee.first_name, attendee.last_name)
            when seat.booking_id is null then nullif(concat_ws(' ', customer.first_name, customer.last_name), '') end as holder,
       course.name as course_name, course.course_type, course.duration_hours as hours, course.certification_validity_years as years,
       certified_day(booking.id) as completed_on,
       nullif(concat_ws(' ', trainer.first_name, trainer.last_name), '') as trainer,
       company.name as issuer, live.id as live_id, live.number as live_number
  from bookings as booking
  join users as customer on customer.id = booking.user_id
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
  join courses as course on course.id = schedule.course_id
 cross join company_profile as company
  left join order_bookings as seat on seat.booking_id = booking.id
  left join attendees as attendee on attendee.booking_id = booking.id
  left join users as trainer
    on trainer.id = coalesce(schedule.instructor_id,
                             (select session.instructor_id
                                from schedule_sessions as session
                               where session.course_schedule_id = schedule.id and session.instructor_id is not null
                               order by session.ends_at desc
                               limit 1))
  left join lateral (
       select certificate.id, certificate.number
         from certificates as certificate
        where certificate.booking_id = booking.id
          and not exists (select from certificates as later where later.replaces = certificate.id)
          and not exists (select from certificate_revocations as gone where gone.certificate_id = certificate.id)) as live on true
 where booking.booking_reference = any(%(references)s)
 order by booking.id
