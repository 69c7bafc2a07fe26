-- Who and where could stand in for what has fallen out, best first, as JSON: people of the town before others, then those who usually can then,
-- then those with the fewest hours that week; rooms of the town before others, then those that keep all places, then the smallest.
-- `starts` and `ends` are the days that are hit.
with wanted as (
    select tsrange(starts_at, ends_at, '[)') as during
      from unnest(%(starts)s::timestamp[], %(ends)s::timestamp[]) as day (starts_at, ends_at)
), spoken as (
    select (lower(during) at time zone 'UTC') at time zone 'Europe/London' as starts, (upper(during) at time zone 'UTC') at time zone 'Europe/London' as ends
      from wanted
), held as (
    select * from schedule_occupancies where course_schedule_id <> %(schedule_id)s
), date as (
    select course.course_type, venue.city, least(course.max_capacity, venue.capacity) as seats,
           (select london_day(max(upper(during))) from wanted) as last_day
      from course_schedules as schedule
      join courses as course on course.id = schedule.course_id
      join venues as venue on venue.id = schedule.venue_id
     where schedule.id = %(schedule_id)s
), person as (
    select account.id, name_of(account.id) as name, profile.home_town as town,
           coalesce(lower(profile.home_town) = lower(date.city), false) as is_near,
           not exists (select from instructor_availability as usual where usual.user_id = account.id)
           or not exists (select from spoken
                           where not exists (select from instructor_availability as usual
                                              where usual.user_id = account.id and usual.weekday = extract(isodow from spoken.starts)
                                                and usual.opens <= spoken.starts::time and usual.closes >= spoken.ends::time)) as is_usual,
           (select coalesce(round(sum(extract(epoch from upper(busy.during) - lower(busy.during))) / 3600, 1), 0)
              from held as busy
             where busy.instructor_id = account.id
               and date_trunc('week', lower(busy.during)) = (select date_trunc('week', min(lower(during))) from wanted)) as hours
      from users as account
      join date on true
      left join instructor_profiles as profile on profile.user_id = account.id
     where account.is_active and (account.role = 'instructor' or account.role = 'admin' and profile.user_id is not null)
       and account.id <> %(fallen_instructor)s
       and not exists (select from held join wanted on wanted.during && held.during where held.instructor_id = account.id)
       and not exists (select from instructor_absences as absence join wanted on wanted.during && absence.during
                        where absence.user_id = account.id)
       and may_teach(account.id, date.course_type, date.last_day)
), room as (
    select venue.id, venue.name, venue.city as town, venue.capacity, lower(venue.city) = lower(date.city) as is_near,
           venue.capacity >= date.seats as keeps_places
      from venues as venue
      join date on true
     where venue.is_active and venue.id <> %(fallen_venue)s and venue.capacity >= %(taken)s
       and not exists (select from held join wanted on wanted.during && held.during where held.venue_id = venue.id)
       and not exists (select from venue_closures as closure join wanted on wanted.during && tsrange(closure.starts_at, closure.ends_at, '[)')
                        where closure.venue_id = venue.id)
)
select (select coalesce(json_agg(best order by best.is_near desc, best.is_usual desc, best.hours, best.name), '[]')
          from (select * from person order by is_near desc, is_usual desc, hours, name limit %(most)s) as best) as people,
       (select coalesce(json_agg(best order by best.is_near desc, best.keeps_places desc, best.capacity, best.name), '[]')
          from (select * from room order by is_near desc, keeps_places desc, capacity, name limit %(most)s) as best) as rooms
