-- Money of a period by month, course, venue and instructor at once: whole months from their own sums, the days at either end from
-- those of days. `by` says which of the groupings a row belongs to.
with counted as (
    select month, course_id, venue_id, instructor_id, received, returned, payments, refunds
      from revenue_months
     where month >= %(whole_from)s and month < %(whole_to)s
    union all
    select figures_month(day), course_id, venue_id, instructor_id, received, returned, payments, refunds
      from revenue_days
     where (day >= %(first)s and day < %(whole_from)s) or (day >= %(whole_to)s and day <= %(last)s)
)
select case grouping(month, course_id, venue_id, instructor_id)
            when 7 then 'month' when 11 then 'course' when 13 then 'venue' when 14 then 'instructor' else 'total' end as by,
       month, course_id, venue_id, instructor_id,
       coalesce(sum(received), 0.00) as received, coalesce(sum(returned), 0.00) as returned,
       coalesce(sum(payments), 0)::integer as payments, coalesce(sum(refunds), 0)::integer as refunds
  from counted
 where (%(course_id)s::integer is null or course_id = %(course_id)s)
   and (%(venue_id)s::integer is null or venue_id = %(venue_id)s)
   and (%(instructor_id)s::integer is null or instructor_id = %(instructor_id)s)
 group by grouping sets ((month), (course_id), (venue_id), (instructor_id), ())
