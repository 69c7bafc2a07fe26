-- A link, and what was said with it, belong to the person and not to the seat: who is replaced, or given another address, takes it along.
-- Judged when the transaction ends: renaming takes people out of their seats and puts them back.

create function attendee_links_follow_the_person() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if exists (select from attendees as attendee
                where attendee.booking_id = old.booking_id and lower(attendee.email) is not distinct from lower(old.email)) then
        return null;
    end if;
    delete from attendee_links where booking_id = old.booking_id;
    delete from attendee_details where booking_id = old.booking_id;
    delete from earlier_certificates where booking_id = old.booking_id;
    delete from access_needs where booking_id = old.booking_id;
    return null;
end $$;

create constraint trigger attendee_links_follow_the_person after update or delete on attendees
deferrable initially deferred for each row when (old.email is not null) execute function attendee_links_follow_the_person();

-- down
drop trigger attendee_links_follow_the_person on attendees;
drop function attendee_links_follow_the_person();
