-- Every date to come for which anybody waits or has an offer open: how many are free, how many wait, for how many places.
select schedule.id as schedule_id, course.name as course_name, venue.name as venue_name, venue.city,
       schedule.start_datetime as starts_at, least(course.max_capacity, venue.capacity) as seats,
       least(course.max_capacity, venue.capacity) - schedule.current_capacity as free,
       waits.entries, waits.places, waits.offered
  from course_schedules as schedule
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
 cross join lateral (
       select count(*) filter (where entry.order_id is null and entry.left_at is null) as entries,
              coalesce(sum(entry.places) filter (where entry.order_id is null and entry.left_at is null), 0) as places,
              count(*) filter (where placed.course_schedule_id = schedule.id and placed.hold_expires_at is not null and exists (
                  select from order_bookings as seat join bookings as booking on booking.id = seat.booking_id
                   where seat.order_id = placed.id and booking.status = 'pending')) as offered
         from waiting_dates as dated
         join waiting_entries as entry on entry.id = dated.entry_id
         left join orders as placed on placed.id = entry.order_id
        where dated.course_schedule_id = schedule.id) as waits
 where schedule.start_datetime > %(now)s and schedule.status in ('published', 'full')
   and schedule.id in (select course_schedule_id from waiting_dates)
   and waits.entries + waits.offered > 0
 order by schedule.start_datetime, schedule.id
