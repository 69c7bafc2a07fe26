-- Dates whose trainer is away, or may not teach them on that day.
select distinct on (coming.id)
       case when exists (select from instructor_absences as absence
                          where absence.user_id = held.instructor_id and absence.during && held.during)
            then 'away' else 'unqualified' end,
       coming.id::text, null::bigint, null::bigint, name_of(held.instructor_id), coming.city, coming.start_datetime, null
  from coming
  join schedule_occupancies as held on held.course_schedule_id = coming.id
  join course_schedules as schedule on schedule.id = coming.id
  join courses as course on course.id = schedule.course_id
 where exists (select from instructor_absences as absence
                where absence.user_id = held.instructor_id and absence.during && held.during)
    or not may_teach(held.instructor_id, course.course_type, london_day(upper(held.during)))
