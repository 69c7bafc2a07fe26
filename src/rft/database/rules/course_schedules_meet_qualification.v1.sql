-- A date that is open for booking has the hours, the days and the trainer's ratio that its qualification demands, or a reason on record.
--
-- Judged when the transaction ends, because a schedule and its sessions are written one after the other. Only dates that open, or that
-- change while they are open, are judged: a seat that is sold moves only the counter. A course that is joined to no qualification in
-- course_variants is free.

create function schedule_shortfalls(of_schedule integer) returns table (sentence text)
language sql stable set search_path = public, pg_temp as $$
    with demanded as (
        select rule.*, least(course.max_capacity, venue.capacity) as seats, coalesce(plan.breaks_minutes, 0) as breaks
          from course_schedules as schedule
          join courses as course on course.id = schedule.course_id
          join venues as venue on venue.id = schedule.venue_id
          join course_variants as variant on variant.course_id = schedule.course_id
          join qualification_rules as rule on rule.qualification = variant.qualification
          left join schedule_plans as plan on plan.course_schedule_id = schedule.id
         where schedule.id = of_schedule
    ), session as (
        select spelled.starts_at, spelled.ends_at from schedule_sessions as spelled where spelled.course_schedule_id = of_schedule
         union all
        select schedule.start_datetime, schedule.end_datetime from course_schedules as schedule
         where schedule.id = of_schedule
           and not exists (select from schedule_sessions as spelled where spelled.course_schedule_id = of_schedule)
    ), day as (
        select distinct date.on_date
          from session
         cross join lateral generate_series(london_day(session.starts_at), london_day(session.ends_at), interval '1 day') as date (on_date)
    ), held as (
        select (select count(*) from day) as days,
               -- A span of several days says nothing of its hours.
               bool_and(london_day(session.starts_at) = london_day(session.ends_at)) as hours_are_known,
               sum(extract(epoch from session.ends_at - session.starts_at) / 60) as minutes,
               min(extract(epoch from session.ends_at - session.starts_at) / 60) as shortest
          from session
    )
    select format('%s needs %s contact hours without breaks; these days have %s.', demanded.name,
                  trim_scale(demanded.contact_hours), trim_scale(round((held.minutes - demanded.breaks * held.days) / 60, 2)))
      from demanded, held
     where held.hours_are_known and held.minutes - demanded.breaks * held.days < demanded.contact_hours * 60
     union all
    select format('%s takes at least %s days; this date has %s.', demanded.name, demanded.minimum_days, held.days)
      from demanded, held
     where held.days < demanded.minimum_days
     union all
    select format('One trainer has at most %s learners; this date has %s places.', demanded.maximum_learners, demanded.seats)
      from demanded
     where demanded.seats > demanded.maximum_learners
     union all
    select format('Each session lasts at least %s minutes; the shortest here has %s.', demanded.minimum_session_minutes, round(held.shortest))
      from demanded, held
     where held.hours_are_known and held.shortest < demanded.minimum_session_minutes
$$;

create function course_schedules_meet_qualification() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    judged integer := (to_jsonb(case tg_op when 'DELETE' then old else new end)
                       ->> case tg_table_name when 'course_schedules' then 'id' else 'course_schedule_id' end)::integer;
    missing text;
begin
    if exists (select from course_schedules where id = judged and status in ('published', 'full'))
       and not exists (select from schedule_waivers where course_schedule_id = judged) then
        select string_agg(shortfall.sentence, ' ') into missing from schedule_shortfalls(judged) as shortfall;
        if missing is not null then
            perform refuse('course_schedules_meet_qualification', 'course_schedules', missing, jsonb_build_object('schedule_id', judged));
        end if;
    end if;
    return null;
end $$;

create constraint trigger course_schedules_meet_qualification_insert after insert on course_schedules
deferrable initially deferred for each row when (new.status in ('published', 'full'))
execute function course_schedules_meet_qualification();

create constraint trigger course_schedules_meet_qualification_update after update on course_schedules
deferrable initially deferred for each row when (
    new.status in ('published', 'full')
    and (old.status not in ('published', 'full')
         or (old.course_id, old.venue_id, old.start_datetime, old.end_datetime)
            is distinct from (new.course_id, new.venue_id, new.start_datetime, new.end_datetime)))
execute function course_schedules_meet_qualification();

create constraint trigger course_schedules_meet_qualification_session after insert or update or delete on schedule_sessions
deferrable initially deferred for each row execute function course_schedules_meet_qualification();

create trigger schedule_waivers_append_only before update on schedule_waivers for each row execute function refuse_change();
create trigger schedule_moves_append_only before update on schedule_moves for each row execute function refuse_change();

-- down
drop trigger schedule_moves_append_only on schedule_moves;
drop trigger schedule_waivers_append_only on schedule_waivers;
drop trigger course_schedules_meet_qualification_session on schedule_sessions;
drop trigger course_schedules_meet_qualification_update on course_schedules;
drop trigger course_schedules_meet_qualification_insert on course_schedules;
drop function course_schedules_meet_qualification();
drop function schedule_shortfalls(integer);
