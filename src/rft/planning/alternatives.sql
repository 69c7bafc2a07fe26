-- What would be legal instead, each judged by what schedule_occupancies holds, by absences and closures. One list for each of the three questions, as JSON.
-- `starts` and `ends` are the days wanted; `shift_…` are the same days, some days later, numbered by `shift_days`.
with wanted as (
    select tsrange(starts_at, ends_at, '[)') as during
      from unnest(%(starts)s::timestamp[], %(ends)s::timestamp[]) as day (starts_at, ends_at)
), shift as (
    select days, tsrange(starts_at, ends_at, '[)') as during
      from unnest(%(shift_days)s::integer[], %(shift_starts)s::timestamp[], %(shift_ends)s::timestamp[]) as day (days, starts_at, ends_at)
), held as (
    select * from schedule_occupancies where course_schedule_id <> %(except_id)s
), here as (
    select city from venues where id = %(venue_id)s
)
select (select coalesce(json_agg(room), '[]')
          from (select venue.id, venue.name, venue.city, venue.capacity
                  from venues as venue
                 where venue.is_active and venue.id <> %(venue_id)s and venue.capacity >= %(seats)s
                   and not exists (select from held join wanted on wanted.during && held.during where held.venue_id = venue.id)
                   and not exists (select from venue_closures as closure
                                     join wanted on wanted.during && tsrange(closure.starts_at, closure.ends_at, '[)')
                                    where closure.venue_id = venue.id)
                 order by venue.city is distinct from (select city from here), venue.capacity, venue.name
                 limit 5) as room) as venues,
       (select coalesce(json_agg(person), '[]')
          from (select account.id, concat_ws(' ', account.first_name, account.last_name) as name,
                       (select count(*)
                          from course_schedules as taught
                          join courses as course on course.id = taught.course_id
                         where taught.instructor_id = account.id and taught.status <> 'cancelled'
                           and course.course_type = (select course_type from courses where id = %(course_id)s)) as taught
                  from users as account
                 where account.is_active and account.role = 'instructor' and account.id is distinct from %(instructor_id)s
                   and not exists (select from held join wanted on wanted.during && held.during where held.instructor_id = account.id)
                   and not exists (select from instructor_absences as absence join wanted on wanted.during && absence.during
                                    where absence.user_id = account.id)
                   and may_teach(account.id, (select course_type from courses where id = %(course_id)s),
                                 (select london_day(max(upper(wanted.during))) from wanted))
                 order by taught desc, name
                 limit 5) as person) as instructors,
       (select coalesce(json_agg(days order by days), '[]')
          from (select shift.days
                  from shift
                 group by shift.days
                having not bool_or(exists (
                           select from held
                            where held.during && shift.during
                              and (held.venue_id = %(venue_id)s or held.instructor_id = %(instructor_id)s))
                        or exists (
                           select from instructor_absences as absence
                            where absence.user_id = %(instructor_id)s and absence.during && shift.during)
                        or exists (
                           select from venue_closures as closure
                            where closure.venue_id = %(venue_id)s
                              and tsrange(closure.starts_at, closure.ends_at, '[)') && shift.during))
                 order by shift.days
                 limit 3) as free) as shifts
