-- Where a register has been kept for a date (one mark is enough), a booking of it is completed, and its certificate issued, only when the
-- register says that the person was there on each day (on time, late, or elsewhere for it), that somebody saw who they are, that every
-- outcome was passed, that no two devices differ about any of this, and it is paid. A place that was taken to make up a missed day is
-- completed by being there on that day, and has no certificate of its own. Where no register was kept, a client that knows only the
-- document's tables completes a booking as rule 5 alone says.
--
-- New in this version: a day that was made up counts when it is over, and was spent by the same person in a live place on another run of
-- the same course, whatever somebody wrote down; and the marks of one booking are found by its number, where every mark of every
-- register was read before.

-- What a booking still lacks, in the order of the course: attendance:<session>, identity, assessment:<outcome>, disputed:<field>, payment.
-- PL/pgSQL keeps its plan, which took longer to make than the answer.
create function register_missing(of_booking integer) returns text[]
language plpgsql stable set search_path = public, pg_temp as $$
begin
    return (
    with seat as (
        select booking.id, booking.user_id, booking.course_schedule_id, booking.payment_status, course.id as course_id, course.course_type,
               making_up.in_booking_id is not null as makes_up, making_up.in_session_id
          from bookings as booking
          join course_schedules as schedule on schedule.id = booking.course_schedule_id
          join courses as course on course.id = schedule.course_id
          left join register_make_ups as making_up on making_up.in_booking_id = booking.id
         where booking.id = of_booking),
    day as (
        select session.id, session.starts_at
          from seat join schedule_sessions as session on session.course_schedule_id = seat.course_schedule_id
         where not seat.makes_up or session.id = seat.in_session_id
         union all
        select null, null
          from seat
         where not exists (select from schedule_sessions as session where session.course_schedule_id = seat.course_schedule_id)),
    known as (
        select state.session_id, state.field, state.kind, state.value, state.disputed
          from register_state as state
         where state.booking_id = of_booking and state.course_schedule_id = (select seat.course_schedule_id from seat)),
    made_up as (
        select agreed.session_id
          from seat
          join register_make_ups as agreed on agreed.booking_id = seat.id
          join bookings as there
            on there.id = agreed.in_booking_id and there.user_id = seat.user_id and there.status <> 'cancelled'
           and there.course_schedule_id <> seat.course_schedule_id
          join course_schedules as run on run.id = there.course_schedule_id and run.course_id = seat.course_id
          left join schedule_sessions as session
            on session.id = agreed.in_session_id and session.course_schedule_id = there.course_schedule_id
          left join attendees as here on here.booking_id = seat.id
          left join attendees as guest on guest.booking_id = there.id
         where coalesce(session.ends_at, run.end_datetime) <= utc_clock()
           and (lower(here.email) = lower(guest.email)
                or (here.first_name, here.last_name) is not distinct from (guest.first_name, guest.last_name))
           and exists (select from register_state as state
                        where state.booking_id = agreed.in_booking_id and state.course_schedule_id = there.course_schedule_id
                          and state.session_id is not distinct from agreed.in_session_id
                          and state.field = 'attendance' and state.kind in ('present', 'late') and not state.disputed)),
    lacks as (
        select 'attendance:' || coalesce(day.id::text, '') as what, 1 as rank, row_number() over (order by day.starts_at) as place
          from day
         where not exists (select from known
                            where known.field = 'attendance' and known.session_id is not distinct from day.id
                              and known.kind in ('present', 'late'))
           and not exists (select from made_up where made_up.session_id is not distinct from day.id)
         union all
        select 'identity', 2, 0
          from seat
         where not seat.makes_up and not exists (select from known where known.field = 'identity' and known.value ->> 'type' <> 'not_seen')
         union all
        select 'assessment:' || outcome.code, 3, outcome.position
          from seat join assessment_outcomes as outcome on outcome.course_type = seat.course_type
         where not seat.makes_up
           and not exists (select from known
                            where known.field = 'assessment:' || outcome.code and known.value ->> 'result' = 'pass')
         union all
        select distinct 'disputed:' || split_part(known.field, ':', 1), 4, 0
          from known where known.disputed and known.field not in ('note', 'signature')
         union all
        select 'payment', 5, 0 from seat where seat.payment_status <> 'paid')
    select coalesce(array_agg(lacks.what order by lacks.rank, lacks.place, lacks.what), '{}') from lacks);
end $$;

create function bookings_completed_when_attended() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    missing text[];
begin
    if new.certificate_issued and exists (select from register_make_ups as made_up where made_up.in_booking_id = new.id) then
        perform refuse('bookings_completed_when_attended', 'bookings',
            'This place makes up a day of another course: the certificate belongs to the place there.');
    end if;
    if not exists (select from register_marks as mark where mark.course_schedule_id = new.course_schedule_id) then
        return new;
    end if;
    -- Updated, not only read: a mark that is being written waits for this booking, or this booking for it.
    update course_schedules set updated_at = updated_at where id = new.course_schedule_id;
    missing := register_missing(new.id);
    if cardinality(missing) > 0 then
        perform refuse('bookings_completed_when_attended', 'bookings',
            'The register of this course does not say yet that this person completed it.', jsonb_build_object('missing', missing));
    end if;
    return new;
end $$;

create trigger bookings_completed_when_attended before update on bookings
for each row when (
    (old.status is distinct from new.status and new.status = 'completed')
    or (new.certificate_issued and not old.certificate_issued)
) execute function bookings_completed_when_attended();

-- down
drop trigger bookings_completed_when_attended on bookings;
drop function bookings_completed_when_attended();
drop function register_missing(integer);
