-- Rule 2: no two live schedules hold one venue, and no instructor stands in two places, at the same time.
--
-- What holds a place is a row of schedule_occupancies: one for each session that is spelled out, or one for the whole span of a
-- schedule that has none. The rows are derived here; two EXCLUDE constraints over half-open ranges [start, end) do the refusing,
-- race-proof at every isolation level. A cancelled schedule holds nothing.

create function rebuild_occupancies(of_schedule integer) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
    delete from schedule_occupancies where course_schedule_id = of_schedule;
    insert into schedule_occupancies (course_schedule_id, session_id, venue_id, instructor_id, during)
    select schedule.id, session.id,
           coalesce(session.venue_id, schedule.venue_id),
           coalesce(session.instructor_id, schedule.instructor_id),
           tsrange(coalesce(session.starts_at, schedule.start_datetime), coalesce(session.ends_at, schedule.end_datetime), '[)')
      from course_schedules as schedule
      left join schedule_sessions as session on session.course_schedule_id = schedule.id
     where schedule.id = of_schedule
       and schedule.status is distinct from 'cancelled';
end $$;

create function occupy_for_schedule() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform rebuild_occupancies(new.id);
    return null;
end $$;

create trigger course_schedules_no_venue_overlap_insert after insert on course_schedules
for each row execute function occupy_for_schedule();

create trigger course_schedules_no_venue_overlap_update after update on course_schedules
for each row when (
    (old.venue_id, old.instructor_id, old.start_datetime, old.end_datetime, old.status = 'cancelled')
    is distinct from (new.venue_id, new.instructor_id, new.start_datetime, new.end_datetime, new.status = 'cancelled')
) execute function occupy_for_schedule();

-- The update of the schedule serialises writers of its sessions, and makes one that reads an old snapshot fail.
create function occupy_for_session() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if tg_op <> 'INSERT' then
        update course_schedules set updated_at = updated_at where id = old.course_schedule_id;
        perform rebuild_occupancies(old.course_schedule_id);
    end if;
    if tg_op <> 'DELETE' and (tg_op = 'INSERT' or new.course_schedule_id <> old.course_schedule_id) then
        update course_schedules set updated_at = updated_at where id = new.course_schedule_id;
        perform rebuild_occupancies(new.course_schedule_id);
    end if;
    return null;
end $$;

create trigger course_schedules_no_venue_overlap_session after insert or update or delete on schedule_sessions
for each row execute function occupy_for_session();

create function schedule_occupancies_are_derived() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform refuse('schedule_occupancies_are_derived', 'schedule_occupancies',
        'What holds a venue is derived from the schedules and their sessions; it cannot be written by hand.');
    return null;
end $$;

create trigger schedule_occupancies_are_derived before insert or update or delete on schedule_occupancies
for each row when (pg_trigger_depth() = 0) execute function schedule_occupancies_are_derived();

create trigger schedule_occupancies_are_derived_emptied before truncate on schedule_occupancies
for each statement execute function schedule_occupancies_are_derived();

-- Looked at when the transaction ends, so that a schedule and its sessions can be moved together.
create function schedule_sessions_within_schedule() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform from schedule_sessions as session
       join course_schedules as schedule on schedule.id = session.course_schedule_id
      where schedule.id = (to_jsonb(new) ->> case tg_table_name when 'schedule_sessions' then 'course_schedule_id' else 'id' end)::integer
        and (session.starts_at < schedule.start_datetime or session.ends_at > schedule.end_datetime);
    if found then
        perform refuse('schedule_sessions_within_schedule', 'schedule_sessions',
            'Each session lies between the start and the end of its schedule.');
    end if;
    return null;
end $$;

create constraint trigger schedule_sessions_within_schedule after insert or update on schedule_sessions
deferrable initially deferred for each row execute function schedule_sessions_within_schedule();

create constraint trigger schedule_sessions_within_schedule after update on course_schedules
deferrable initially deferred for each row
when ((old.start_datetime, old.end_datetime) is distinct from (new.start_datetime, new.end_datetime))
execute function schedule_sessions_within_schedule();

-- down
drop trigger schedule_sessions_within_schedule on course_schedules;
drop trigger schedule_sessions_within_schedule on schedule_sessions;
drop function schedule_sessions_within_schedule();
drop trigger schedule_occupancies_are_derived_emptied on schedule_occupancies;
drop trigger schedule_occupancies_are_derived on schedule_occupancies;
drop function schedule_occupancies_are_derived();
drop trigger course_schedules_no_venue_overlap_session on schedule_sessions;
drop function occupy_for_session();
drop trigger course_schedules_no_venue_overlap_update on course_schedules;
drop trigger course_schedules_no_venue_overlap_insert on course_schedules;
drop function occupy_for_schedule();
drop function rebuild_occupancies(integer);
