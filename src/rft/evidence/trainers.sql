-- Whoever taught a date, with their papers that were valid on all the days they taught on it; one without any is there too.
select teacher.id, coalesce(nullif(concat_ws(' ', teacher.first_name, teacher.last_name), ''), teacher.email) as trainer,
       paper.kind, paper.awarding_body, paper.number, paper.issued_on, paper.expires_on
  from (select day.instructor_id, min(london_day(day.starts_at)) as first_day, max(london_day(day.ends_at)) as last_day
          from (select coalesce(session.instructor_id, schedule.instructor_id) as instructor_id,
                       coalesce(session.starts_at, schedule.start_datetime) as starts_at,
                       coalesce(session.ends_at, schedule.end_datetime) as ends_at
                  from course_schedules as schedule
                  left join schedule_sessions as session on session.course_schedule_id = schedule.id
                 where schedule.id = %(schedule_id)s) as day
         where day.instructor_id is not null
         group by day.instructor_id) as taught
  join users as teacher on teacher.id = taught.instructor_id
  left join instructor_qualifications as paper
    on paper.user_id = teacher.id
   and paper.issued_on <= taught.first_day
   and (paper.expires_on is null or paper.expires_on >= taught.last_day)
   and (paper.withdrawn_on is null or paper.withdrawn_on > taught.last_day)
 order by trainer, teacher.id, paper.kind, paper.issued_on
