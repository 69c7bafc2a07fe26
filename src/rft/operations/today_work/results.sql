-- Results of a course that the awarding body has not been sent.
select 'results_due', schedule.id::text, null, null, course.name, venue.city, report.due_on::timestamp, null
  from awarding_body_reports as report
  join course_schedules as schedule on schedule.id = report.course_schedule_id
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
 where report.sent_at is null
