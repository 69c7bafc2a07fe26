-- The activity log with who acted and what each line is about, by name. What stands in braces is the code's own.
select act.id, act.created_at, act.action, act.entity_type, act.entity_id, act.old_values, act.new_values,
       host(act.ip_address) as address, act.user_agent, act.admin_id,
       coalesce(nullif(concat_ws(' ', staff.first_name, staff.last_name), ''), staff.email) as admin_name,
       coalesce(booking.booking_reference, placed.reference, course.name, venue.name, code.code, dated.name, mail.subject,
                organisation.name, series.pattern,
                nullif(concat_ws(' ', person.first_name, person.last_name), ''), person.email,
                case when act.entity_type = 'instructor' then name_of(act.entity_id) end) as entity_name,
       dated.start_datetime as entity_starts_at
  from (select * from admin_activity_logs as act where {condition} {order}) as act
  join users as staff on staff.id = act.admin_id
  left join bookings as booking on act.entity_type = 'booking' and booking.id = act.entity_id
  left join orders as placed on act.entity_type = 'order' and placed.id = act.entity_id
  left join courses as course on act.entity_type = 'course' and course.id = act.entity_id
  left join venues as venue on act.entity_type = 'venue' and venue.id = act.entity_id
  left join discount_codes as code on act.entity_type = 'discount_code' and code.id = act.entity_id
  left join outbox_mails as mail on act.entity_type = 'outbox_mail' and mail.id = act.entity_id
  left join organisations as organisation on act.entity_type = 'organisation' and organisation.id = act.entity_id
  left join schedule_series as series on act.entity_type = 'series' and series.id = act.entity_id
  left join users as person on act.entity_type = 'user' and person.id = act.entity_id
  left join (select schedule.id, schedule.start_datetime, taught.name
               from course_schedules as schedule join courses as taught on taught.id = schedule.course_id) as dated
         on act.entity_type = 'schedule' and dated.id = act.entity_id
 {order}
