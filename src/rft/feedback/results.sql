-- How many answered and the average of each question, by course and by instructor. {averages} is filled in by the code.
select case when grouping(course.id) = 0 then 'course' else 'instructor' end as kind,
       case when grouping(course.id) = 0 then course.name
            else coalesce(nullif(concat_ws(' ', teacher.first_name, teacher.last_name), ''), teacher.email) end as name,
       count(*) as answers, {averages}
  from feedback_answers as answer
  join course_schedules as schedule on schedule.id = answer.course_schedule_id
  join courses as course on course.id = schedule.course_id
  left join users as teacher on teacher.id = answer.instructor_id
 where %(instructor_id)s::integer is null or answer.instructor_id = %(instructor_id)s
 group by grouping sets ((course.id, course.name), (teacher.id, teacher.first_name, teacher.last_name, teacher.email))
having grouping(course.id) = 0 or teacher.id is not null
 order by kind, answers desc, name
