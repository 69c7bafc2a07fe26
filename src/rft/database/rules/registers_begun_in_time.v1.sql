-- Where the certificates of a date went out without a register, none is begun afterwards: it would say of people who hold a certificate
-- that nobody saw them. A register that was kept before goes on taking marks.

create function registers_begun_in_time() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    -- After register_marks_fit, whose lock on the date this stands behind: the second of two first marks sees the first.
    if exists (select from bookings as booking where booking.course_schedule_id = new.course_schedule_id and booking.certificate_issued)
       and not exists (select from register_marks as mark where mark.course_schedule_id = new.course_schedule_id and mark.id <> new.id) then
        perform refuse('registers_begun_in_time', 'register_marks',
            'The certificates of this date went out without a register, so none can be begun now.');
    end if;
    return null;
end $$;

create trigger registers_begun_in_time after insert on register_marks for each row execute function registers_begun_in_time();

-- down
drop trigger registers_begun_in_time on register_marks;
drop function registers_begun_in_time();
