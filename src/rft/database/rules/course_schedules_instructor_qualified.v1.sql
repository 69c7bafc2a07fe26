-- Whoever teaches a date that is open holds, on the last day of each of its sessions, a paper for the course's type that is not out of date.
--
-- Only those are judged of whom the office keeps papers (a row in instructor_profiles). Judged when the transaction ends, where what the date
-- holds was written anew or the date opens: a paper that runs out later takes nobody's date away, it is shown to the office instead.

-- A full first-aid paper covers the emergency course, which is a part of it.
create function may_teach(instructor integer, of_type text, on_day date) returns boolean
language sql stable set search_path = public, pg_temp as $$
    select not exists (select from instructor_profiles where user_id = instructor)
        or exists (select from instructor_qualifications as paper
                    where paper.user_id = instructor
                      and (paper.kind = of_type or (paper.kind = 'FAW' and of_type = 'EFAW'))
                      and on_day between paper.issued_on and paper.expires_on
                      and (paper.withdrawn_on is null or on_day < paper.withdrawn_on))
$$;

create function name_of(person integer) returns text
language sql stable set search_path = public, pg_temp as $$
    select coalesce(nullif(concat_ws(' ', first_name, last_name), ''), email) from users where id = person
$$;

create function day_in_words(day date) returns text
language sql stable as $$ select to_char(day, 'FMDay FMDD FMMonth YYYY') $$;

create function unqualified_for(of_schedule integer) returns table (instructor_id integer, on_day date, sentence text)
language sql stable set search_path = public, pg_temp as $$
    select held.instructor_id, held.last_day,
           format('%s has no %s qualification that is valid on %s.', name_of(held.instructor_id), course.course_type, day_in_words(held.last_day))
      from (select occupancy.instructor_id, occupancy.course_schedule_id, max(london_day(upper(occupancy.during))) as last_day
              from schedule_occupancies as occupancy
             where occupancy.course_schedule_id = of_schedule and occupancy.instructor_id is not null
             group by occupancy.instructor_id, occupancy.course_schedule_id) as held
      join course_schedules as schedule on schedule.id = held.course_schedule_id
      join courses as course on course.id = schedule.course_id
     where not may_teach(held.instructor_id, course.course_type, held.last_day)
     order by held.last_day
$$;

create function course_schedules_instructor_qualified() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    judged integer := (to_jsonb(new) ->> case tg_table_name when 'course_schedules' then 'id' else 'course_schedule_id' end)::integer;
    fault record;
begin
    if exists (select from course_schedules where id = judged and status in ('published', 'full')) then
        select * into fault from unqualified_for(judged) limit 1;
        if found then
            perform refuse('course_schedules_instructor_qualified', 'course_schedules', fault.sentence,
                jsonb_build_object('schedule_id', judged, 'instructor_id', fault.instructor_id, 'day', fault.on_day));
        end if;
    end if;
    return null;
end $$;

create constraint trigger course_schedules_instructor_qualified_held after insert on schedule_occupancies
deferrable initially deferred for each row when (new.instructor_id is not null)
execute function course_schedules_instructor_qualified();

create constraint trigger course_schedules_instructor_qualified_opened after update on course_schedules
deferrable initially deferred for each row when (
    new.status in ('published', 'full') and (old.status = 'draft' or old.course_id <> new.course_id))
execute function course_schedules_instructor_qualified();

create trigger instructor_qualifications_never_deleted before delete on instructor_qualifications
for each row execute function refuse_removal();

-- down
drop trigger instructor_qualifications_never_deleted on instructor_qualifications;
drop trigger course_schedules_instructor_qualified_opened on course_schedules;
drop trigger course_schedules_instructor_qualified_held on schedule_occupancies;
drop function course_schedules_instructor_qualified();
drop function unqualified_for(integer);
drop function day_in_words(date);
drop function name_of(integer);
drop function may_teach(integer, text, date);
