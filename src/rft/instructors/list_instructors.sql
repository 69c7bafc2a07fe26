-- Those who teach, with what they may teach and the first of these papers to run out, their next date, their hours this month, and whether
-- they are away today. Times are UTC; `month` and `month_end` are London's midnights.
select account.id, coalesce(nullif(concat_ws(' ', account.first_name, account.last_name), ''), account.email) as name, account.email,
       account.phone, account.is_active, profile.user_id is not null as has_profile, profile.home_town,
       papers.kinds, papers.soonest, papers.expired, next.schedule_id as next_schedule_id, next.starts_at as next_starts_at,
       next.course_name as next_course, next.city as next_city, coalesce(month.hours, 0) as hours, away.until as away_until
  from users as account
  left join instructor_profiles as profile on profile.user_id = account.id
  left join lateral (
       select array_agg(distinct paper.kind) filter (where paper.expires_on >= %(today)s and paper.issued_on <= %(today)s) as kinds,
              min(paper.expires_on) filter (where paper.expires_on >= %(today)s) as soonest,
              array_agg(distinct paper.kind) filter (where paper.expires_on < %(today)s and not exists (
                  select from instructor_qualifications as newer
                   where newer.user_id = paper.user_id and newer.kind = paper.kind and newer.expires_on >= %(today)s
                     and newer.withdrawn_on is null)) as expired
         from instructor_qualifications as paper
        where paper.user_id = account.id and paper.withdrawn_on is null and paper.kind in ('FAW', 'EFAW', 'Paediatric')) as papers on true
  left join lateral (
       select held.course_schedule_id as schedule_id, lower(held.during) as starts_at, course.name as course_name, venue.city
         from schedule_occupancies as held
         join course_schedules as schedule on schedule.id = held.course_schedule_id
         join courses as course on course.id = schedule.course_id
         join venues as venue on venue.id = held.venue_id
        where held.instructor_id = account.id and lower(held.during) > %(now)s
        order by lower(held.during)
        limit 1) as next on true
  left join lateral (
       select round(sum(extract(epoch from upper(held.during) - lower(held.during))) / 3600, 1) as hours
         from schedule_occupancies as held
        where held.instructor_id = account.id and held.during && tsrange(%(month)s, %(month_end)s)
          and lower(held.during) >= %(month)s) as month on true
  left join lateral (
       select upper(absence.during) as until from instructor_absences as absence
        where absence.user_id = account.id and absence.during @> %(now)s::timestamp) as away on true
 where (account.role = 'instructor' or profile.user_id is not null) and (account.is_active or %(inactive)s)
   and ({condition})
 {order}
