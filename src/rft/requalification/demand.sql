-- What will be asked for: the certificates that run out, by month, by the course that renews them, and by the town they were earned in;
-- with the dates of that course in that town that are planned from two months before.
select demand.month, demand.course_id, course.name as course_name, demand.town, demand.venue_id, demand.expiring, demand.renewed,
       planned.dates, planned.seats_left
  from (select date_trunc('month', ledger.expires_on)::date as month, target.course_id, ledger.town,
               mode() within group (order by ledger.venue_id) as venue_id, count(*) as expiring, count(ledger.renewal_reference) as renewed
          from certificate_ledger as ledger
         cross join lateral (
               select coalesce(min(course.id), ledger.course_id) as course_id
                 from course_variants as variant
                 join courses as course on course.id = variant.course_id and course.is_active
                where variant.qualification = ledger.renewed_by) as target
         where ledger.expires_on >= %(first)s and ledger.expires_on < %(last)s
         group by 1, 2, 3) as demand
  join courses as course on course.id = demand.course_id
 cross join lateral (
       select count(*) as dates, coalesce(sum(least(course.max_capacity, venue.capacity) - schedule.current_capacity), 0) as seats_left
         from course_schedules as schedule
         join venues as venue on venue.id = schedule.venue_id
        where schedule.course_id = demand.course_id and schedule.status <> 'cancelled' and lower(venue.city) = lower(demand.town)
          and schedule.start_datetime > %(now)s
          and schedule.start_datetime >= demand.month - interval '2 months' and schedule.start_datetime < demand.month + interval '1 month'
       ) as planned
 order by demand.month, course.name, demand.town
