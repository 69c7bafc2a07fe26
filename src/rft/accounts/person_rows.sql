-- What stands under an account and under its other names, newest first: twenty of each kind. Amounts and times as stored.
with names as (
    select %(id)s::integer as id
    union all
    select user_id from merged_users where into_user_id = %(id)s::integer
), booked as (
    select 'booking' as kind, booking.booking_reference as reference, course.name as what, schedule.start_datetime as at,
           booking.status as state, booking.payment_amount as amount, booking.id as position
      from bookings as booking
      join course_schedules as schedule on schedule.id = booking.course_schedule_id
      join courses as course on course.id = schedule.course_id
     where booking.user_id in (select id from names)
     order by booking.id desc limit 20
), ordered as (
    select 'order', placed.reference, course.name, placed.created_at, placed.payment_method, placed.total, placed.id
      from orders as placed
      join course_schedules as schedule on schedule.id = placed.course_schedule_id
      join courses as course on course.id = schedule.course_id
     where placed.user_id in (select id from names)
     order by placed.id desc limit 20
), mailed as (
    select 'mail', entry.email_type, coalesce(entry.subject, entry.email_type), entry.created_at, entry.status, null::numeric, entry.id
      from email_logs as entry
     where entry.recipient_email in (select person.email from users as person join names on names.id = person.id)
     order by entry.id desc limit 20
), belonging as (
    select 'organisation', organisation.id::text, organisation.name, member.created_at, member.role, null::numeric, organisation.id
      from organisation_members as member
      join organisations as organisation on organisation.id = member.organisation_id
     where member.user_id in (select id from names)
     order by organisation.id desc limit 20
), taught as (
    select 'date', schedule.id::text, course.name, schedule.start_datetime, schedule.status, null::numeric, schedule.id
      from course_schedules as schedule
      join courses as course on course.id = schedule.course_id
     where schedule.instructor_id = %(id)s::integer and schedule.status <> 'cancelled'
     order by schedule.start_datetime desc limit 20
)
select * from booked union all select * from ordered union all select * from mailed union all select * from belonging union all select * from taught
 order by kind, at desc, position desc
