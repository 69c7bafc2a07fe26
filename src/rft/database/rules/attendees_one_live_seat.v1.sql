-- One person, known by e-mail address, has at most one live seat on a schedule.
--
-- Judged under the schedule's advisory lock, which every booker already holds, by a statement that begins after the lock was given.
-- A transaction that keeps one snapshot sees nothing newer by waiting: it updates the schedule, and fails if another did meanwhile.

create function require_one_live_seat(of_booking integer) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    seat record;
begin
    select booking.course_schedule_id, booking.status, attendee.email into seat
      from bookings as booking
      join attendees as attendee on attendee.booking_id = booking.id
     where booking.id = of_booking;
    if seat.email is null or seat.status = 'cancelled' then
        return;
    end if;
    perform pg_advisory_xact_lock(7301, seat.course_schedule_id);
    if current_setting('transaction_isolation') <> 'read committed' then
        update course_schedules set updated_at = updated_at where id = seat.course_schedule_id;
    end if;
    if exists (select from bookings as booking
                 join attendees as attendee on attendee.booking_id = booking.id
                where booking.course_schedule_id = seat.course_schedule_id
                  and booking.id <> of_booking
                  and booking.status <> 'cancelled'
                  and lower(attendee.email) = lower(seat.email)) then
        perform refuse('attendees_one_live_seat', 'attendees', 'This person already has a seat on this date.');
    end if;
end $$;

create function attendees_one_live_seat() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform require_one_live_seat((to_jsonb(new) ->> case tg_table_name when 'attendees' then 'booking_id' else 'id' end)::integer);
    return null;
end $$;

create trigger attendees_one_live_seat after insert or update of email, booking_id on attendees
for each row when (new.email is not null) execute function attendees_one_live_seat();

create trigger attendees_one_live_seat after update on bookings
for each row when (old.course_schedule_id is distinct from new.course_schedule_id) execute function attendees_one_live_seat();

-- down
drop trigger attendees_one_live_seat on bookings;
drop trigger attendees_one_live_seat on attendees;
drop function attendees_one_live_seat();
drop function require_one_live_seat(integer);
