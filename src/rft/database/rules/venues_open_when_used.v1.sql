-- A venue is open when it is used: no day of a live date lies in one of its closures, and no closure is put over such a day.
--
-- Both sides touch the venue's row first: a date and a closure that are written at the same moment then wait for each other, or
-- fail under REPEATABLE READ, and the statement behind the touch sees what the other wrote.

create function closure_in_words(starts timestamp, ends timestamp) returns text
language sql stable as $$
    select case when london_day(starts) = london_day(ends - interval '1 microsecond') then 'on ' || to_char(london_day(starts), 'FMDD FMMonth YYYY')
                else 'from ' || to_char(london_day(starts), 'FMDD FMMonth YYYY') || ' to '
                     || to_char(london_day(ends - interval '1 microsecond'), 'FMDD FMMonth YYYY') end
$$;

create function venue_open_when_occupied() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    closed record;
begin
    update venues set updated_at = updated_at where id = new.venue_id;
    select venue.name, closure.starts_at, closure.ends_at, closure.reason into closed
      from venue_closures as closure
      join venues as venue on venue.id = closure.venue_id
     where closure.venue_id = new.venue_id
       and tsrange(closure.starts_at, closure.ends_at, '[)') && new.during
     order by closure.starts_at
     limit 1;
    if found then
        perform refuse('venues_open_when_used', 'schedule_occupancies',
            format('%s is closed %s: %s.', closed.name, closure_in_words(closed.starts_at, closed.ends_at), rtrim(closed.reason, '.')),
            jsonb_build_object('starts_at', closed.starts_at, 'ends_at', closed.ends_at));
    end if;
    return null;
end $$;

create trigger venues_open_when_used after insert on schedule_occupancies
for each row execute function venue_open_when_occupied();

create function venue_free_when_closed() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    held record;
begin
    update venues set updated_at = updated_at where id = new.venue_id;
    select course.name, lower(occupancy.during) as starts_at, occupancy.course_schedule_id, count(*) over () as days into held
      from schedule_occupancies as occupancy
      join course_schedules as schedule on schedule.id = occupancy.course_schedule_id
      join courses as course on course.id = schedule.course_id
     where occupancy.venue_id = new.venue_id
       and occupancy.during && tsrange(new.starts_at, new.ends_at, '[)')
     order by occupancy.during
     limit 1;
    if found then
        perform refuse('venues_open_when_used', 'venue_closures',
            format('%s on %s is held here then%s. Move it first.', held.name, to_char(london_day(held.starts_at), 'FMDD FMMonth YYYY'),
                   case when held.days > 1 then format(', and on %s more %s', held.days - 1, case held.days when 2 then 'day' else 'days' end) else '' end),
            jsonb_build_object('schedule_id', held.course_schedule_id, 'days', held.days));
    end if;
    return null;
end $$;

create trigger venues_open_when_used after insert or update on venue_closures
for each row execute function venue_free_when_closed();

-- down
drop trigger venues_open_when_used on venue_closures;
drop function venue_free_when_closed();
drop trigger venues_open_when_used on schedule_occupancies;
drop function venue_open_when_occupied();
drop function closure_in_words(timestamp, timestamp);
