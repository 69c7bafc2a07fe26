-- Places, by who sits in them; the expression is that of attendees_search.
select attendee.booking_id as id, booking.booking_reference as place, concat_ws(' ', attendee.first_name, attendee.last_name) as title,
       concat_ws(' · ', course.name, to_char(london_day(schedule.start_datetime), 'FMDD Mon YYYY'), booking.booking_reference,
                 case booking.status when 'cancelled' then 'Cancelled' end) as detail,
       array[lower(attendee.email)] as marks,
       search_key(attendee.first_name || ' ' || attendee.last_name || ' ' || coalesce(attendee.email, '')) as said
  from attendees as attendee
  join bookings as booking on booking.id = attendee.booking_id
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
  join courses as course on course.id = schedule.course_id
