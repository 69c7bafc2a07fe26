-- A missed day is made up by the same person, on the same day of another run of the same course, once: what is written here counts as
-- having been there. It is a log like the register: a row is never changed and never vanishes.

-- Which day of its date a session is, from 1; NULL where it is none of them. Without a session: the one day of a date that spells out none.
create function day_of_schedule(of_schedule integer, of_session integer) returns bigint
language sql stable set search_path = public, pg_temp as $$
    select case when of_session is null and not exists (select from schedule_sessions where course_schedule_id = of_schedule) then 1
                else (select day.place
                        from (select session.id, row_number() over (order by session.starts_at) as place
                                from schedule_sessions as session
                               where session.course_schedule_id = of_schedule) as day
                       where day.id = of_session) end
$$;

create function register_make_ups_fit() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    missed record;
    place record;
begin
    -- Updated, not only read: two who have the same day made up take turns.
    update bookings set updated_at = updated_at where id = new.booking_id;
    select booking.user_id, schedule.id as schedule_id, schedule.course_id into missed
      from bookings as booking join course_schedules as schedule on schedule.id = booking.course_schedule_id
     where booking.id = new.booking_id;
    select booking.user_id, schedule.id as schedule_id, schedule.course_id into place
      from bookings as booking join course_schedules as schedule on schedule.id = booking.course_schedule_id
     where booking.id = new.in_booking_id;
    if (missed.user_id, missed.course_id) is distinct from (place.user_id, place.course_id)
       or missed.schedule_id = place.schedule_id
       or day_of_schedule(missed.schedule_id, new.session_id) is null
       or day_of_schedule(missed.schedule_id, new.session_id) is distinct from day_of_schedule(place.schedule_id, new.in_session_id) then
        perform refuse('register_make_ups_fit', 'register_make_ups', 'A day is made up on the same day of another run of the same course.');
    end if;
    if exists (select from register_make_ups as made_up where made_up.in_booking_id = new.booking_id) then
        perform refuse('register_make_ups_fit', 'register_make_ups',
            'This place makes up a day itself. Give the reference of the booking that the day was missed from.');
    end if;
    if exists (select from register_make_ups as made_up
                 join bookings as there on there.id = made_up.in_booking_id
                where made_up.booking_id = new.booking_id and made_up.session_id is not distinct from new.session_id
                  and there.status not in ('cancelled', 'no_show')) then
        perform refuse('register_make_ups_fit', 'register_make_ups', 'This day is being made up already.');
    end if;
    return new;
end $$;

create trigger register_make_ups_fit before insert on register_make_ups for each row execute function register_make_ups_fit();
create trigger register_make_ups_append_only before update on register_make_ups for each row execute function refuse_change();
create trigger register_make_ups_never_deleted before delete on register_make_ups for each row execute function refuse_removal();
create trigger register_make_ups_never_emptied before truncate on register_make_ups for each statement execute function refuse_removal();

-- down
drop trigger register_make_ups_never_emptied on register_make_ups;
drop trigger register_make_ups_never_deleted on register_make_ups;
drop trigger register_make_ups_append_only on register_make_ups;
drop trigger register_make_ups_fit on register_make_ups;
drop function register_make_ups_fit();
drop function day_of_schedule(integer, integer);
