-- What needs a person, a row a thing: its kind, where it is done, and what the sentence about it needs. `today`, `horizon` and
-- the others are UTC. Each kind gives at most `most` rows; `of_kind` says how many there are.
with coming as (
    select schedule.id, schedule.start_datetime, schedule.status, schedule.instructor_id, schedule.current_capacity as taken,
           least(course.max_capacity, venue.capacity) as seats, course.name as course_name, venue.city
      from course_schedules as schedule
      join courses as course on course.id = schedule.course_id
      join venues as venue on venue.id = schedule.venue_id
     where schedule.status in ('published', 'full')
       and schedule.start_datetime >= %(now)s and schedule.start_datetime < %(horizon)s
), over as (
    select schedule.id, schedule.start_datetime, course.name as course_name, venue.city, held.status, held.seats
      from (select booking.course_schedule_id, booking.status, count(*) as seats
              from bookings as booking
             where booking.status = 'confirmed'
                or (booking.status = 'completed' and not booking.certificate_issued
                    and not exists (select from register_make_ups as made_up where made_up.in_booking_id = booking.id))
             group by booking.course_schedule_id, booking.status) as held
      join course_schedules as schedule on schedule.id = held.course_schedule_id and schedule.end_datetime < %(now)s
      join courses as course on course.id = schedule.course_id
      join venues as venue on venue.id = schedule.venue_id
), unpaid as (
    select placed.id, placed.reference, placed.organisation_name, placed.booker_name, placed.created_at,
           schedule.start_datetime, sum(booking.payment_amount) as amount
      from bookings as booking
      join order_bookings as seat on seat.booking_id = booking.id
      join orders as placed on placed.id = seat.order_id and placed.payment_method = 'invoice'
      join order_approvals as approval on approval.order_id = placed.id and approval.state = 'accepted'
      join course_schedules as schedule on schedule.id = booking.course_schedule_id
     where booking.status = 'pending'
       and schedule.start_datetime < %(horizon)s
     group by placed.id, schedule.start_datetime
), owing as (
    select booking.payment_amount as amount, placed.id, placed.reference, placed.organisation_name, placed.booker_name,
           approval.state, approval.decide_by, approval.due_on
      from bookings as booking
      join order_bookings as seat on seat.booking_id = booking.id
      join orders as placed on placed.id = seat.order_id
      join order_approvals as approval on approval.order_id = placed.id
     where booking.status = 'pending'
), found as (
    select 'mail_failed' as kind, null as place, count(*) as number, null::bigint as total, null as name, null as city,
           min(mail.created_at) as at, null::numeric as amount
      from outbox_mails as mail
     where mail.state = 'failed'
    having count(*) > 0
    union all
    select 'event_stuck', min(placed.reference), count(*), null, null, null, min(event.received_at), null
      from webhook_events as event
      left join checkout_attempts as attempt on attempt.stripe_session_id = event.object_id
      left join orders as placed on placed.id = attempt.order_id
     where event.settled_at is null and event.received_at < %(five_minutes_ago)s
    having count(*) > 0
    union all
    select 'refund_waiting', placed.reference, count(distinct booking.id), null, placed.booker_name, null, max(entry.created_at),
           sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount else 0 end)
      from bookings as booking
      join payment_transactions as entry on entry.booking_id = booking.id and entry.status in ('succeeded', 'refunded')
      join order_bookings as seat on seat.booking_id = booking.id
      join orders as placed on placed.id = seat.order_id
     where booking.status = 'cancelled' and booking.payment_status = 'pending'
       and not exists (select from refunds as refund where refund.booking_id = booking.id and refund.state <> 'withdrawn')
     group by placed.id
    having sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount else 0 end) > 0
    union all
    select case when refund.state = 'failed' then 'refund_failed' when refund.method = 'card' then 'refund_stuck' else 'refund_by_hand' end,
           refund.id::text, null, null,
           coalesce(placed.booker_name, nullif(concat_ws(' ', customer.first_name, customer.last_name), ''), customer.email), null,
           refund.created_at, refund.amount
      from refunds as refund
      join bookings as booking on booking.id = refund.booking_id
      join users as customer on customer.id = booking.user_id
      left join order_bookings as seat on seat.booking_id = booking.id
      left join orders as placed on placed.id = seat.order_id
     where refund.state = 'failed'
        or (refund.state = 'due' and (refund.method <> 'card' or refund.created_at < %(five_minutes_ago)s))
    union all
    select 'payment_unsettled', placed.reference, null, null, placed.booker_name, null, payment.created_at, payment.amount
      from unsettled_payments as payment
      join orders as placed on placed.id = payment.order_id
     where payment.returned_at is null
    union all
    select 'disputed', min(placed.reference), null, null, min(placed.booker_name), null, coalesce(dispute.answer_by, dispute.created_at),
           dispute.amount
      from disputes as dispute
      left join payment_transactions as entry on entry.stripe_payment_intent_id = dispute.stripe_payment_intent_id
      left join order_bookings as seat on seat.booking_id = entry.booking_id
      left join orders as placed on placed.id = seat.order_id
     where dispute.status not in ('won', 'lost')
     group by dispute.stripe_id
    union all
    select 'no_instructor', coming.id::text, coming.taken, coming.seats, coming.course_name, coming.city, coming.start_datetime, null
      from coming
     where coming.instructor_id is null
       and not exists (select from schedule_sessions as session
                        where session.course_schedule_id = coming.id and session.instructor_id is not null)
    union all
    select distinct on (coming.id)
           case when exists (select from instructor_absences as absence
                              where absence.user_id = held.instructor_id and absence.during && held.during)
                then 'away' else 'unqualified' end,
           coming.id::text, null::bigint, null::bigint, name_of(held.instructor_id), coming.city, coming.start_datetime, null
      from coming
      join schedule_occupancies as held on held.course_schedule_id = coming.id
      join course_schedules as schedule on schedule.id = coming.id
      join courses as course on course.id = schedule.course_id
     where exists (select from instructor_absences as absence
                    where absence.user_id = held.instructor_id and absence.during && held.during)
        or not may_teach(held.instructor_id, course.course_type, london_day(upper(held.during)))
    union all
    select 'paper_ends', paper.user_id::text, null, null, name_of(paper.user_id), null, paper.expires_on::timestamp, null
      from instructor_qualifications as paper
      join users as account on account.id = paper.user_id and account.is_active
     where paper.withdrawn_on is null and paper.expires_on < (%(now)s + interval '30 days')::date
       and paper.expires_on > (%(now)s - interval '60 days')::date
       and not exists (select from instructor_qualifications as newer
                        where newer.user_id = paper.user_id and newer.kind = paper.kind and newer.withdrawn_on is null
                          and newer.expires_on > paper.expires_on)
    union all
    select 'unpaid', unpaid.reference, null, null, coalesce(unpaid.organisation_name, unpaid.booker_name), null,
           unpaid.start_datetime, unpaid.amount
      from unpaid
    union all
    select 'approval', owing.reference, count(*), null, coalesce(owing.organisation_name, owing.booker_name), null, owing.decide_by,
           sum(owing.amount)
      from owing
     where owing.state = 'waiting'
     group by owing.id, owing.reference, owing.organisation_name, owing.booker_name, owing.decide_by
    union all
    select 'overdue', null, count(distinct owing.id), null, null, null, min(owing.due_on)::timestamp, sum(owing.amount)
      from owing
     where owing.state = 'accepted' and owing.due_on < london_day(%(now)s)
    having count(*) > 0
    union all
    select 'few_seats', coming.id::text, coming.taken, coming.seats, coming.course_name, coming.city, coming.start_datetime, null
      from coming
     where coming.status = 'published' and (coming.taken < 4 or coming.taken * 2 < coming.seats)
       and not exists (select from schedule_plans as plan where plan.course_schedule_id = coming.id and plan.minimum_seats is not null)
    union all
    select 'undecided', schedule.id::text, schedule.current_capacity, plan.minimum_seats, course.name, venue.city, schedule.start_datetime, null
      from schedule_plans as plan
      join course_schedules as schedule on schedule.id = plan.course_schedule_id
      join courses as course on course.id = schedule.course_id
      join venues as venue on venue.id = schedule.venue_id
     where schedule.status = 'published' and schedule.start_datetime > %(now)s and schedule.current_capacity < plan.minimum_seats
       and (plan.decide_by <= %(decide_until)s::date or schedule.start_datetime < %(horizon)s)
    union all
    select 'nameless', coming.id::text, count(*) filter (where attendee.booking_id is null), count(*), coming.course_name, coming.city,
           coming.start_datetime, null
      from coming
      join bookings as booking on booking.course_schedule_id = coming.id and booking.status = 'confirmed'
      join order_bookings as seat on seat.booking_id = booking.id
      left join attendees as attendee on attendee.booking_id = booking.id
     group by coming.id, coming.course_name, coming.city, coming.start_datetime
    having count(*) filter (where attendee.booking_id is null) > 0
    union all
    select case over.status when 'confirmed' then 'register_open' else 'certificates_due' end, over.id::text, over.seats, null,
           over.course_name, over.city, over.start_datetime, null
      from over
)
select ranked.kind, ranked.place, ranked.number, ranked.total, ranked.name, ranked.city, ranked.at, ranked.amount, ranked.of_kind
  from (select found.*, count(*) over (partition by found.kind) as of_kind,
               row_number() over (partition by found.kind order by found.at, found.place) as rank
          from found) as ranked
 where ranked.rank <= %(most)s
 order by ranked.rank
