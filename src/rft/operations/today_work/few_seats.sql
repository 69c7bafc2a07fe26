-- Dates with few people, where no minimum was set.
select 'few_seats', coming.id::text, coming.taken, coming.seats, coming.course_name, coming.city, coming.start_datetime, null
  from coming
 where coming.status = 'published' and (coming.taken < 4 or coming.taken * 2 < coming.seats)
   and not exists (select from schedule_plans as plan where plan.course_schedule_id = coming.id and plan.minimum_seats is not null)
