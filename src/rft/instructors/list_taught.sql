-- Each day that somebody teaches between two times, and whether it still may be theirs.
select schedule.id as schedule_id, course.name as course_name, venue.name as venue_name, venue.city, schedule.status,
       concat_ws(', ', venue.name, venue.address_line1, venue.address_line2, venue.city, venue.postcode) as place,
       lower(held.during) as starts_at, upper(held.during) as ends_at,
       not may_teach(held.instructor_id, course.course_type, london_day(upper(held.during))) as is_unqualified,
       exists (select from instructor_absences as absence
                where absence.user_id = held.instructor_id and absence.during && held.during) as is_away
  from schedule_occupancies as held
  join course_schedules as schedule on schedule.id = held.course_schedule_id
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = held.venue_id
 where held.instructor_id = %(user_id)s and held.during && tsrange(%(since)s, %(until)s, '[)')
 order by lower(held.during)
 limit 200
