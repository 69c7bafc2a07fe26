-- Places of the dates that begin in a period: whole months from their sums, the days at either end from the dates themselves.
with counted as (
    select month, course_id, venue_id, instructor_id, dates, seats, taken
      from occupancy_months
     where month >= %(whole_from)s and month < %(whole_to)s
    union all
    select figures_month(london_day(schedule.start_datetime)), schedule.course_id, schedule.venue_id, coalesce(schedule.instructor_id, 0),
           1, least(course.max_capacity, venue.capacity), schedule.current_capacity
      from course_schedules as schedule
      join courses as course on course.id = schedule.course_id
      join venues as venue on venue.id = schedule.venue_id
     where schedule.status in ('published', 'full')
       and ((schedule.start_datetime >= (%(first)s::date::timestamp at time zone 'Europe/London') at time zone 'UTC'
             and schedule.start_datetime < (%(whole_from)s::date::timestamp at time zone 'Europe/London') at time zone 'UTC')
         or (schedule.start_datetime >= (%(whole_to)s::date::timestamp at time zone 'Europe/London') at time zone 'UTC'
             and schedule.start_datetime < ((%(last)s::date + 1)::timestamp at time zone 'Europe/London') at time zone 'UTC'))
)
select case grouping(month, course_id, venue_id, instructor_id)
            when 7 then 'month' when 11 then 'course' when 13 then 'venue' when 14 then 'instructor' else 'total' end as by,
       month, course_id, venue_id, instructor_id,
       coalesce(sum(dates), 0)::integer as dates, coalesce(sum(seats), 0)::integer as seats, coalesce(sum(taken), 0)::integer as taken
  from counted
 where (%(course_id)s::integer is null or course_id = %(course_id)s)
   and (%(venue_id)s::integer is null or venue_id = %(venue_id)s)
   and (%(instructor_id)s::integer is null or instructor_id = %(instructor_id)s)
 group by grouping sets ((month), (course_id), (venue_id), (instructor_id), ())
