-- What a schedule itself must be: 'full' tells the truth, it is taught by somebody who may teach, it keeps its history.

-- The course, the venue and the instructor are touched, not only read: a capacity or a role changed at the same moment then waits,
-- or fails under REPEATABLE READ, instead of slipping past.
create function course_schedules_consistent() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    seat_limit integer;
begin
    if tg_op = 'INSERT' or (old.course_id, old.venue_id) is distinct from (new.course_id, new.venue_id)
       or (new.status in ('published', 'full') and old.status not in ('published', 'full')) then
        update courses set updated_at = updated_at where id = new.course_id;
        update venues set updated_at = updated_at where id = new.venue_id;
    end if;
    select least(course.max_capacity, venue.capacity) into seat_limit
      from courses as course, venues as venue
     where course.id = new.course_id and venue.id = new.venue_id;
    if new.current_capacity > seat_limit then
        perform refuse('capacity_covers_seats_taken', 'course_schedules',
            format('%s seats are already taken; this course and venue allow %s.', new.current_capacity, seat_limit),
            jsonb_build_object('seats_taken', new.current_capacity, 'schedule_id', new.id));
    end if;

    if new.status = 'full' and new.current_capacity < seat_limit and (tg_op = 'INSERT' or old.status is distinct from 'full') then
        perform refuse('course_schedules_full_is_derived', 'course_schedules',
            'A date becomes full when its last seat is taken; the status cannot be written by hand.');
    end if;
    if new.status in ('published', 'full') then
        new.status := case when new.current_capacity >= seat_limit then 'full' else 'published' end;
    end if;

    if new.instructor_id is not null and (tg_op = 'INSERT' or old.instructor_id is distinct from new.instructor_id) then
        perform require_may_teach(new.instructor_id, 'course_schedules');
    end if;
    return new;
end $$;

create function require_may_teach(instructor integer, on_table text) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
    update users set updated_at = updated_at where id = instructor and is_active and role in ('instructor', 'admin');
    if not found and exists (select from users where id = instructor) then
        perform refuse('course_schedules_taught_by_instructor', on_table,
            'A date is taught by an active user with the role instructor or admin.');
    end if;
end $$;

create trigger course_schedules_consistent_insert before insert on course_schedules
for each row execute function course_schedules_consistent();

create trigger course_schedules_consistent_update before update on course_schedules
for each row when (
    (old.course_id, old.venue_id, old.instructor_id) is distinct from (new.course_id, new.venue_id, new.instructor_id)
    or (old.status is distinct from new.status and pg_trigger_depth() = 0)
) execute function course_schedules_consistent();

create function schedule_sessions_taught_by_instructor() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform require_may_teach(new.instructor_id, 'schedule_sessions');
    return new;
end $$;

create trigger course_schedules_taught_by_instructor before insert or update of instructor_id on schedule_sessions
for each row when (new.instructor_id is not null) execute function schedule_sessions_taught_by_instructor();

create function users_role_kept_while_teaching() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if exists (select from course_schedules where instructor_id = new.id)
       or exists (select from schedule_sessions where instructor_id = new.id) then
        perform refuse('users_role_kept_while_teaching', 'users',
            'This person teaches, or has taught, a date: the role stays instructor or admin. Deactivate the account instead.');
    end if;
    return null;
end $$;

create trigger users_role_kept_while_teaching after update of role on users
for each row when (old.role in ('instructor', 'admin') and new.role = 'customer') execute function users_role_kept_while_teaching();

-- Once somebody booked, what they booked stays what it was.
create function course_schedules_history_kept() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if old.course_id <> new.course_id and exists (select from bookings where course_schedule_id = new.id) then
        perform refuse('course_schedules_history_kept', 'course_schedules', 'This date has bookings: its course cannot be changed.');
    end if;
    if new.status = 'draft' and old.status <> 'draft' and new.current_capacity > 0 then
        perform refuse('course_schedules_history_kept', 'course_schedules',
            format('%s seats are taken: this date can be cancelled, not put back to draft.', new.current_capacity));
    end if;
    if (new.status in ('draft', 'cancelled') and old.status is distinct from new.status
        or (old.start_datetime, old.end_datetime) is distinct from (new.start_datetime, new.end_datetime))
       and exists (select from bookings where course_schedule_id = new.id and status in ('completed', 'no_show')) then
        perform refuse('course_schedules_history_kept', 'course_schedules',
            'This date has been held and its bookings completed: its times and status stay.');
    end if;
    return null;
end $$;

create trigger course_schedules_history_kept after update on course_schedules
for each row when (
    (old.course_id, old.start_datetime, old.end_datetime) is distinct from (new.course_id, new.start_datetime, new.end_datetime)
    or (new.status in ('draft', 'cancelled') and old.status is distinct from new.status)
) execute function course_schedules_history_kept();

-- A discount code may be bound to a type of course; the type of a course that has been booked therefore stays.
create function courses_type_kept_once_booked() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    update course_schedules set updated_at = updated_at where course_id = new.id;
    if exists (select from bookings as booking
                 join course_schedules as schedule on schedule.id = booking.course_schedule_id
                where schedule.course_id = new.id) then
        perform refuse('courses_type_kept_once_booked', 'courses', 'This course has bookings: its type cannot be changed.');
    end if;
    return null;
end $$;

create trigger courses_type_kept_once_booked after update of course_type on courses
for each row when (old.course_type is distinct from new.course_type) execute function courses_type_kept_once_booked();

-- down
drop trigger courses_type_kept_once_booked on courses;
drop function courses_type_kept_once_booked();
drop trigger course_schedules_history_kept on course_schedules;
drop function course_schedules_history_kept();
drop trigger users_role_kept_while_teaching on users;
drop function users_role_kept_while_teaching();
drop trigger course_schedules_taught_by_instructor on schedule_sessions;
drop function schedule_sessions_taught_by_instructor();
drop trigger course_schedules_consistent_update on course_schedules;
drop trigger course_schedules_consistent_insert on course_schedules;
drop function require_may_teach(integer, text);
drop function course_schedules_consistent();
