-- A certificate is signed: its row, its file, the keys and each revocation are never changed and never vanish. It belongs to a
-- booking that was completed (rule 5 says when that may be) and whose mark says so, and a booking has one that stands.
--
-- New in this version: each certificate, the second one after a revocation and the corrected one too, asks again whether the booking is
-- paid and, where a register was kept, whether it still says so; and a day that was made up later is not before the date on it.

-- The London day on which somebody had completed their course: its last, or that of the last day they made up elsewhere.
create function certified_day(of_booking integer) returns date
language sql stable set search_path = public, pg_temp as $$
    select london_day(greatest(schedule.end_datetime,
                               max(coalesce(session.ends_at, run.end_datetime))
                                   filter (where coalesce(session.ends_at, run.end_datetime) <= utc_clock())))
      from bookings as booking
      join course_schedules as schedule on schedule.id = booking.course_schedule_id
      left join register_make_ups as made_up on made_up.booking_id = booking.id
      left join bookings as there on there.id = made_up.in_booking_id and there.status in ('confirmed', 'completed')
      left join course_schedules as run on run.id = there.course_schedule_id
      left join schedule_sessions as session on session.id = made_up.in_session_id and session.course_schedule_id = run.id
     where booking.id = of_booking
     group by schedule.end_datetime
$$;

create function certificates_only_when_completed() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    booking record;
    ended date;
    missing text[];
begin
    -- Updated, not only read: two certificates for one booking take turns, and it stays completed until this one is there.
    update bookings set updated_at = updated_at where id = new.booking_id
    returning status, payment_status, certificate_issued, certificate_issued_date, course_schedule_id into booking;
    if booking.status is distinct from 'completed' or not booking.certificate_issued then
        perform refuse('certificates_only_when_completed', 'certificates',
            'A certificate is issued only for a completed booking that is marked as having one.');
    end if;
    if booking.payment_status <> 'paid' then
        perform refuse('certificates_only_when_completed', 'certificates', 'The money for this place went back: no certificate is issued.');
    end if;
    if exists (select from register_marks as mark where mark.course_schedule_id = booking.course_schedule_id) then
        -- A mark that is being written waits, or this certificate for it.
        update course_schedules set updated_at = updated_at where id = booking.course_schedule_id;
        missing := register_missing(new.booking_id);
        if cardinality(missing) > 0 then
            perform refuse('bookings_completed_when_attended', 'certificates',
                'The register of this course does not say any more that this person completed it.', jsonb_build_object('missing', missing));
        end if;
    end if;
    ended := certified_day(new.booking_id);
    if new.completed_on < ended or new.completed_on > london_day(utc_clock()) then
        perform refuse('certificates_only_when_completed', 'certificates',
            format('The course ended on %s: nobody completed it on %s.', to_char(ended, 'FMDD FMMonth YYYY'),
                   to_char(new.completed_on, 'FMDD FMMonth YYYY')));
    end if;
    if exists (select from certificates as other
                where other.booking_id = new.booking_id and other.id is distinct from new.replaces
                  and not exists (select from certificates as later where later.replaces = other.id)
                  and not exists (select from certificate_revocations as gone where gone.certificate_id = other.id)) then
        perform refuse('certificates_one_live', 'certificates', 'This booking has a certificate. Correct it by issuing one that replaces it.');
    end if;
    if new.replaces is not null
       and not exists (select from certificates as earlier where earlier.id = new.replaces and earlier.booking_id = new.booking_id) then
        perform refuse('certificates_one_live', 'certificates', 'A certificate replaces one of the same booking.');
    end if;
    return new;
end $$;

create trigger certificates_only_when_completed before insert on certificates
for each row execute function certificates_only_when_completed();

-- The mark on the booking is older than these tables, and may stand alone (a client that knows only the document's tables). The other
-- way round it may not: a booking whose certificate stands is not unmarked.
create function certificates_keep_their_mark() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if exists (select from certificates as issued where issued.booking_id = new.id) then
        perform refuse('certificates_one_live', 'bookings', 'The certificate of this booking has been issued; it can be revoked, not unmade.');
    end if;
    return new;
end $$;

create trigger certificates_keep_their_mark before update on bookings
for each row when (old.certificate_issued and not new.certificate_issued) execute function certificates_keep_their_mark();

create trigger certificates_append_only before update on certificates for each row execute function refuse_change();
create trigger certificates_never_deleted before delete on certificates for each row execute function refuse_removal();
create trigger certificates_never_emptied before truncate on certificates for each statement execute function refuse_removal();
create trigger certificate_files_append_only before update on certificate_files for each row execute function refuse_change();
create trigger certificate_files_never_deleted before delete on certificate_files for each row execute function refuse_removal();
create trigger certificate_files_never_emptied before truncate on certificate_files for each statement execute function refuse_removal();
create trigger certificate_revocations_append_only before update on certificate_revocations for each row execute function refuse_change();
create trigger certificate_revocations_never_deleted before delete on certificate_revocations for each row execute function refuse_removal();
create trigger certificate_revocations_never_emptied before truncate on certificate_revocations for each statement execute function refuse_removal();
create trigger signing_keys_append_only before update on signing_keys
for each row when (old.key_id <> new.key_id or old.public_key <> new.public_key or old.created_at <> new.created_at or old.retired_at is not null)
execute function refuse_change();
create trigger signing_keys_never_deleted before delete on signing_keys for each row execute function refuse_removal();
create trigger signing_keys_never_emptied before truncate on signing_keys for each statement execute function refuse_removal();

-- down
drop trigger signing_keys_never_emptied on signing_keys;
drop trigger signing_keys_never_deleted on signing_keys;
drop trigger signing_keys_append_only on signing_keys;
drop trigger certificate_revocations_never_emptied on certificate_revocations;
drop trigger certificate_revocations_never_deleted on certificate_revocations;
drop trigger certificate_revocations_append_only on certificate_revocations;
drop trigger certificate_files_never_emptied on certificate_files;
drop trigger certificate_files_never_deleted on certificate_files;
drop trigger certificate_files_append_only on certificate_files;
drop trigger certificates_never_emptied on certificates;
drop trigger certificates_never_deleted on certificates;
drop trigger certificates_append_only on certificates;
drop trigger certificates_keep_their_mark on bookings;
drop function certificates_keep_their_mark();
drop trigger certificates_only_when_completed on certificates;
drop function certificates_only_when_completed();
drop function certified_day(integer);
