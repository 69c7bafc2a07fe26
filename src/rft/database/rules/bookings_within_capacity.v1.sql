-- Rule 1: a schedule never has more seats taken than the smaller of its course's and its venue's capacity.
--
-- current_capacity is the number of seats taken (bookings not cancelled). It is moved only here. The order of steps matters:
--   before the row is inserted: a plain look, so that the sold-out do not queue; and an advisory lock, so that bookers of a hot
--   schedule queue on something cheaper than a row;
--   after it (ON CONFLICT DO NOTHING runs the triggers before, yet inserts nothing): UPDATE, which locks the row and, under
--   REPEATABLE READ, fails instead of trusting an old snapshot;
--   only then a fresh statement that reads the limit: whoever lowers it touches the same row (see below), so one waits for the other.

create function queue_for_seat(schedule_id integer) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    look record;
begin
    select schedule.status, schedule.current_capacity, least(course.max_capacity, venue.capacity) as seat_limit into look
      from course_schedules as schedule
      join courses as course on course.id = schedule.course_id
      join venues as venue on venue.id = schedule.venue_id
     where schedule.id = schedule_id;
    if not found then
        return; -- the foreign key refuses it in its own words
    end if;
    if look.status not in ('published', 'full') then
        perform refuse('bookings_on_live_schedule', 'bookings', 'This date is not open for booking.', jsonb_build_object('status', look.status));
    end if;
    if look.current_capacity >= look.seat_limit then
        perform refuse('bookings_within_capacity', 'bookings', 'This date is full.', jsonb_build_object('seats_left', 0));
    end if;
    perform pg_advisory_xact_lock(7301, schedule_id);
end $$;

create function take_seat(schedule_id integer) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    taken integer;
    seat_limit integer;
    shown varchar;
begin
    update course_schedules as schedule
       set current_capacity = schedule.current_capacity + 1
     where schedule.id = schedule_id
       and schedule.status in ('published', 'full')
    returning schedule.current_capacity, schedule.status into taken, shown;
    if not found then
        if exists (select from course_schedules where id = schedule_id) then
            perform refuse('bookings_on_live_schedule', 'bookings', 'This date is not open for booking.');
        end if;
        return;
    end if;

    select least(course.max_capacity, venue.capacity) into seat_limit
      from course_schedules as schedule
      join courses as course on course.id = schedule.course_id
      join venues as venue on venue.id = schedule.venue_id
     where schedule.id = schedule_id;
    if taken > seat_limit then
        perform refuse('bookings_within_capacity', 'bookings', 'This date is full.', jsonb_build_object('seats_left', 0));
    end if;
    if (taken = seat_limit) is distinct from (shown = 'full') then
        update course_schedules set status = case when taken = seat_limit then 'full' else 'published' end where id = schedule_id;
    end if;
end $$;

create function release_seat(schedule_id integer) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
    perform pg_advisory_xact_lock(7301, schedule_id);
    update course_schedules as schedule
       set current_capacity = schedule.current_capacity - 1,
           status = case when schedule.status = 'full' then 'published' else schedule.status end
     where schedule.id = schedule_id;
end $$;

create function queue_before_booking() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform queue_for_seat(new.course_schedule_id);
    return new;
end $$;

create function bookings_within_capacity() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        perform take_seat(new.course_schedule_id);
    elsif new.status = 'cancelled' then
        perform release_seat(old.course_schedule_id);
    elsif old.course_schedule_id < new.course_schedule_id then
        -- Two schedules are always locked in the order of their ids.
        perform release_seat(old.course_schedule_id);
        perform queue_for_seat(new.course_schedule_id);
        perform take_seat(new.course_schedule_id);
    else
        perform queue_for_seat(new.course_schedule_id);
        perform take_seat(new.course_schedule_id);
        perform release_seat(old.course_schedule_id);
    end if;
    return new;
end $$;

create trigger bookings_within_capacity_queue before insert on bookings
for each row when (new.status is distinct from 'cancelled') execute function queue_before_booking();

create trigger bookings_within_capacity_insert after insert on bookings
for each row when (new.status is distinct from 'cancelled') execute function bookings_within_capacity();

create trigger bookings_within_capacity_update before update on bookings
for each row when (
    old.status is distinct from 'cancelled'
    and (new.status = 'cancelled' or old.course_schedule_id is distinct from new.course_schedule_id)
) execute function bookings_within_capacity();

-- The counter is written by the triggers above and by nobody else.
create function course_schedules_counter_is_derived() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform refuse('course_schedules_counter_is_derived', 'course_schedules',
        'Seats taken are counted from the bookings; current_capacity cannot be written by hand.');
    return null;
end $$;

create trigger course_schedules_counter_is_derived_insert before insert on course_schedules
for each row when (new.current_capacity <> 0) execute function course_schedules_counter_is_derived();

create trigger course_schedules_counter_is_derived_update before update on course_schedules
for each row when (old.current_capacity is distinct from new.current_capacity and pg_trigger_depth() = 0)
execute function course_schedules_counter_is_derived();

-- A changed capacity touches every live schedule it bounds (one that goes live touches its course and venue instead). The touch makes
-- a booking in flight wait or, under REPEATABLE READ, fail. Only statements that begin after it see the other limit as it is now,
-- should that be changing too: they set 'full' anew, and look whether anyone has been left without a chair.
create function seat_limit_changed() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    crowded record;
begin
    update course_schedules as schedule
       set updated_at = schedule.updated_at
     where schedule.status in ('published', 'full')
       and case tg_table_name when 'courses' then schedule.course_id = new.id else schedule.venue_id = new.id end;

    update course_schedules as schedule
       set status = case when schedule.current_capacity >= least(course.max_capacity, venue.capacity) then 'full' else 'published' end
      from courses as course, venues as venue
     where course.id = schedule.course_id
       and venue.id = schedule.venue_id
       and schedule.status in ('published', 'full')
       and (schedule.status = 'full') <> (schedule.current_capacity >= least(course.max_capacity, venue.capacity))
       and case tg_table_name when 'courses' then schedule.course_id = new.id else schedule.venue_id = new.id end;

    select schedule.id, schedule.current_capacity, schedule.start_datetime into crowded
      from course_schedules as schedule
      join courses as course on course.id = schedule.course_id
      join venues as venue on venue.id = schedule.venue_id
     where case tg_table_name when 'courses' then schedule.course_id = new.id else schedule.venue_id = new.id end
       and schedule.current_capacity > least(course.max_capacity, venue.capacity)
     order by schedule.current_capacity desc, schedule.id
     limit 1;
    if found then
        perform refuse('capacity_covers_seats_taken', tg_table_name,
            format('%s seats are already taken on the date of %s; the capacity cannot go below that.',
                   crowded.current_capacity, to_char(london_day(crowded.start_datetime), 'FMDD FMMonth YYYY')),
            jsonb_build_object('seats_taken', crowded.current_capacity, 'schedule_id', crowded.id));
    end if;
    return null;
end $$;

create trigger capacity_covers_seats_taken after update of max_capacity on courses
for each row when (old.max_capacity is distinct from new.max_capacity) execute function seat_limit_changed();

create trigger capacity_covers_seats_taken after update of capacity on venues
for each row when (old.capacity is distinct from new.capacity) execute function seat_limit_changed();

-- down
drop trigger capacity_covers_seats_taken on venues;
drop trigger capacity_covers_seats_taken on courses;
drop function seat_limit_changed();
drop trigger course_schedules_counter_is_derived_update on course_schedules;
drop trigger course_schedules_counter_is_derived_insert on course_schedules;
drop function course_schedules_counter_is_derived();
drop trigger bookings_within_capacity_update on bookings;
drop trigger bookings_within_capacity_insert on bookings;
drop trigger bookings_within_capacity_queue on bookings;
drop function bookings_within_capacity();
drop function queue_before_booking();
drop function release_seat(integer);
drop function take_seat(integer);
drop function queue_for_seat(integer);
