-- Trainers who were asked to teach a date that is near, and have not answered.
select 'unanswered', coming.id::text, null, null, name_of(request.instructor_id), coming.city, coming.start_datetime, null
  from teaching_requests as request
  join coming on coming.id = request.course_schedule_id
 where request.state = 'asked'
