-- What needs a person, a row a thing: its kind, where it is done, and what the sentence about it needs. `today`, `horizon` and the
-- others are UTC. Each kind of work is a file in today_work/, put in below; these parts are what several of them read.
-- Each kind gives at most `most` rows; `of_kind` says how many there are. What is put off is told apart, until its day comes or
-- there is more of it.
with coming as (
    select schedule.id, schedule.start_datetime, schedule.status, schedule.instructor_id, schedule.current_capacity as taken,
           least(course.max_capacity, venue.capacity) as seats, course.name as course_name, venue.city
      from course_schedules as schedule
      join courses as course on course.id = schedule.course_id
      join venues as venue on venue.id = schedule.venue_id
     where schedule.status in ('published', 'full')
       and schedule.start_datetime >= %(now)s and schedule.start_datetime < %(horizon)s
), owing as (
    select booking.payment_amount as amount, placed.id, placed.reference, placed.organisation_name, placed.booker_name,
           approval.state, approval.decide_by, approval.due_on
      from bookings as booking
      join order_bookings as seat on seat.booking_id = booking.id
      join orders as placed on placed.id = seat.order_id
      join order_approvals as approval on approval.order_id = placed.id
     where booking.status = 'pending'
), found as (
    select null::text as kind, null::text as place, null::bigint as number, null::bigint as total, null::text as name, null::text as city,
           null::timestamp as at, null::numeric as amount
     where false
    /* kinds */
), told as (
    select found.*, snooze.until
      from found
      left join work_snoozes as snooze
        on snooze.kind = found.kind and snooze.place = coalesce(found.place, '') and snooze.until > %(day)s::date
       and (found.place is not null or coalesce(found.number, 0) <= coalesce(snooze.number, 0))
)
select ranked.kind, ranked.place, ranked.number, ranked.total, ranked.name, ranked.city, ranked.at, ranked.amount, ranked.until, ranked.of_kind
  from (select told.*, count(*) over (partition by told.kind, told.until is null) as of_kind,
               row_number() over (partition by told.kind, told.until is null order by told.at, told.place) as rank
          from told) as ranked
 where ranked.rank <= %(most)s
 order by ranked.rank
