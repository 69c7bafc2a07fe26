-- A register is a log: a mark is never changed and never vanishes, and neither do a closure or the reading of access needs. How the
-- register stands is worked out from the marks: about each thing (a person's attendance on a day, their identity, an outcome of the
-- assessment) those count that no later mark replaces. One mark alone settles it. Where two devices each wrote without having seen the
-- other's, both stay, the later one (by made_at, then device, then id) is shown, and the difference is shown with it until
-- somebody decides by a mark that replaces both. Marks that arrive after the register was closed wait until it is reopened.

create function register_marks_fit() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    spelled_out boolean;
begin
    -- Updated, not only read: a booking that is being completed, and a register that is being closed, take turns with marks.
    update course_schedules set updated_at = updated_at where id = new.course_schedule_id;
    new.received_at := utc_clock();
    if not exists (select from bookings as booking where booking.id = new.booking_id and booking.course_schedule_id = new.course_schedule_id) then
        perform refuse('register_marks_fit', 'register_marks', 'This person is not on the register of this date.');
    end if;
    spelled_out := exists (select from schedule_sessions as session where session.course_schedule_id = new.course_schedule_id);
    if new.session_id is null and spelled_out and new.kind not in ('identity', 'assessment') then
        perform refuse('register_marks_fit', 'register_marks', 'Say for which day of the course this is.');
    end if;
    if new.session_id is not null
       and (new.kind in ('identity', 'assessment')
            or not exists (select from schedule_sessions as session
                            where session.id = new.session_id and session.course_schedule_id = new.course_schedule_id)) then
        perform refuse('register_marks_fit', 'register_marks', 'That day is not a day of this date, or this is about the whole course.');
    end if;
    return new;
end $$;

create trigger register_marks_fit before insert on register_marks for each row execute function register_marks_fit();
create trigger register_marks_append_only before update on register_marks for each row execute function refuse_change();
create trigger register_marks_never_deleted before delete on register_marks for each row execute function refuse_removal();
create trigger register_marks_never_emptied before truncate on register_marks for each statement execute function refuse_removal();

-- A closure is reopened once, and is otherwise as it was written.
create trigger register_closures_append_only before update on register_closures
for each row when (
    old.reopened_at is not null
    or (old.id, old.course_schedule_id, old.closed_by, old.closed_at, old.held)
       is distinct from (new.id, new.course_schedule_id, new.closed_by, new.closed_at, new.held)
) execute function refuse_change();
create trigger register_closures_never_deleted before delete on register_closures for each row execute function refuse_removal();
create trigger register_closures_never_emptied before truncate on register_closures for each statement execute function refuse_removal();

create trigger access_need_readings_append_only before update on access_need_readings for each row execute function refuse_change();
create trigger access_need_readings_never_deleted before delete on access_need_readings for each row execute function refuse_removal();
create trigger access_need_readings_never_emptied before truncate on access_need_readings for each statement execute function refuse_removal();

create view register_counted as
select mark.*
  from register_marks as mark
  left join register_closures as closure
    on closure.course_schedule_id = mark.course_schedule_id and closure.reopened_at is null
 where closure.id is null or mark.received_at <= closure.closed_at;

create view register_heads as
select mark.*
  from register_counted as mark
 where not exists (select from register_counted as later
                    where later.booking_id = mark.booking_id
                      and later.course_schedule_id = mark.course_schedule_id
                      and later.session_id is not distinct from mark.session_id
                      and later.field = mark.field
                      and mark.id = any (later.replaces));

create view register_state as
select distinct on (head.booking_id, head.course_schedule_id, head.session_id, head.field)
       head.*,
       exists (select from register_heads as other
                where other.booking_id = head.booking_id
                  and other.course_schedule_id = head.course_schedule_id
                  and other.session_id is not distinct from head.session_id
                  and other.field = head.field
                  and (other.kind, other.value) <> (head.kind, head.value)) as disputed
  from register_heads as head
 order by head.booking_id, head.course_schedule_id, head.session_id, head.field,
          head.made_at desc, head.device collate "C" desc, head.id desc;

-- down
drop view register_state;
drop view register_heads;
drop view register_counted;
drop trigger access_need_readings_never_emptied on access_need_readings;
drop trigger access_need_readings_never_deleted on access_need_readings;
drop trigger access_need_readings_append_only on access_need_readings;
drop trigger register_closures_never_emptied on register_closures;
drop trigger register_closures_never_deleted on register_closures;
drop trigger register_closures_append_only on register_closures;
drop trigger register_marks_never_emptied on register_marks;
drop trigger register_marks_never_deleted on register_marks;
drop trigger register_marks_append_only on register_marks;
drop trigger register_marks_fit on register_marks;
drop function register_marks_fit();
