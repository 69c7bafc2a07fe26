-- Nobody is put on a session of an open date while they are away: on leave or ill, as the office has it on record.
--
-- An absence may be recorded while somebody still has dates then (people fall ill): those are shown to the office, with who could stand in.

create function away_for(of_schedule integer) returns table (instructor_id integer, during tsrange, sentence text)
language sql stable set search_path = public, pg_temp as $$
    select held.instructor_id, absence.during,
           format('%s is away (%s) from %s to %s.', name_of(held.instructor_id), absence.kind, day_in_words(london_day(lower(absence.during))),
                  day_in_words(london_day(upper(absence.during) - interval '1 second')))
      from schedule_occupancies as held
      join instructor_absences as absence on absence.user_id = held.instructor_id and absence.during && held.during
     where held.course_schedule_id = of_schedule
     order by absence.during
$$;

create function course_schedules_instructor_available() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    judged integer := (to_jsonb(new) ->> case tg_table_name when 'course_schedules' then 'id' else 'course_schedule_id' end)::integer;
    fault record;
begin
    if exists (select from course_schedules where id = judged and status in ('published', 'full')) then
        select * into fault from away_for(judged) limit 1;
        if found then
            perform refuse('course_schedules_instructor_available', 'course_schedules', fault.sentence,
                jsonb_build_object('schedule_id', judged, 'instructor_id', fault.instructor_id,
                                   'from', lower(fault.during), 'until', upper(fault.during)));
        end if;
    end if;
    return null;
end $$;

create constraint trigger course_schedules_instructor_available_held after insert on schedule_occupancies
deferrable initially deferred for each row when (new.instructor_id is not null)
execute function course_schedules_instructor_available();

create constraint trigger course_schedules_instructor_available_opened after update on course_schedules
deferrable initially deferred for each row when (new.status in ('published', 'full') and old.status = 'draft')
execute function course_schedules_instructor_available();

-- down
drop trigger course_schedules_instructor_available_opened on course_schedules;
drop trigger course_schedules_instructor_available_held on schedule_occupancies;
drop function course_schedules_instructor_available();
drop function away_for(integer);
