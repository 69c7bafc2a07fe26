-- Rule 5: a certificate is issued only after the course was completed.
--
-- CHECKs (see the migration of bookings) tie flag, date and status together. Here: the schedule's end has passed, it was not
-- cancelled, and the date is neither before that end nor in the future. The schedule is updated, not only read, so that nobody
-- moves its end meanwhile.

create function bookings_certificate_after_completion() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    schedule record;
begin
    update course_schedules set updated_at = updated_at where id = new.course_schedule_id
    returning start_datetime, end_datetime, status into schedule;

    if new.status = 'no_show' and (schedule.start_datetime > utc_clock() or schedule.status not in ('published', 'full')) then
        perform refuse('bookings_status_transition', 'bookings', 'Nobody can have missed a course that has not begun.');
    end if;
    if new.status = 'completed' and (schedule.end_datetime > utc_clock() or schedule.status not in ('published', 'full')) then
        perform refuse('bookings_certificate_after_completion', 'bookings',
            format('The course ends on %s; it cannot be completed before that.', to_char(london_day(schedule.end_datetime), 'FMDD FMMonth YYYY')),
            jsonb_build_object('ends_at', to_char(schedule.end_datetime, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
    end if;
    if new.certificate_issued_date < london_day(schedule.end_datetime) or new.certificate_issued_date > london_day(utc_clock()) then
        perform refuse('bookings_certificate_after_completion', 'bookings',
            'A certificate is dated between the end of the course and today.');
    end if;
    return new;
end $$;

create trigger bookings_certificate_after_completion before update on bookings
for each row when (
    (old.status is distinct from new.status and new.status in ('completed', 'no_show'))
    or (new.certificate_issued and (old.certificate_issued, old.certificate_issued_date)
        is distinct from (new.certificate_issued, new.certificate_issued_date))
) execute function bookings_certificate_after_completion();

-- down
drop trigger bookings_certificate_after_completion on bookings;
drop function bookings_certificate_after_completion();
