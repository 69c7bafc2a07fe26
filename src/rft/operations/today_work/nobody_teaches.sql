-- Dates that nobody teaches.
select 'no_instructor', coming.id::text, coming.taken, coming.seats, coming.course_name, coming.city, coming.start_datetime, null
  from coming
 where coming.instructor_id is null
   and not exists (select from schedule_sessions as session
                    where session.course_schedule_id = coming.id and session.instructor_id is not null)
