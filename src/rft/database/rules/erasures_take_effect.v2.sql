-- A row of erasures takes a person's data away, in its own transaction: the account and its other names, seats and orders, mails,
-- visits, what they wait for, and what the activity log says of them. What the law wants kept stays: bookings, ledger, amounts,
-- dates, certificates.
--
-- The work is a trigger's, so that any client's INSERT does all of it, and a restored database can be brought up to date by writing
-- the rows again. The activity log is append-only for everybody else: only from within this rule is a line's content taken out.

create function erased_address(account_id integer) returns text
language sql immutable as $$ select 'erased-' || account_id || '@erased.invalid' $$;

create function without_person(written jsonb, email text) returns jsonb
language sql immutable as $$
    select replace((written - array['email', 'first_name', 'last_name', 'phone', 'holder', 'name', 'notes'])::text,
                   to_json(email)::text, '"erased"')::jsonb
$$;

create function erasures_take_effect() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    account record;
begin
    if exists (select from users where id = new.user_id and (role <> 'customer' or email = 'system@rft.invalid')) then
        perform refuse('erasures_take_effect', 'erasures', 'Only a customer is erased. Make the person a customer first; who has taught stays named on the dates.');
    end if;
    if exists (select from merged_users where user_id = new.user_id) then
        perform refuse('erasures_take_effect', 'erasures', 'This account was merged into another one: erase that one.');
    end if;
    perform pg_advisory_xact_lock(7303, new.user_id);
    for account in
        select users.* from users
         where users.id = new.user_id or users.id in (select user_id from merged_users where into_user_id = new.user_id)
         order by users.id for no key update
    loop
        if exists (select from bookings as booking join course_schedules as schedule on schedule.id = booking.course_schedule_id
                    where booking.user_id = account.id and booking.status in ('pending', 'confirmed')
                      and (booking.status = 'pending' or schedule.end_datetime > utc_clock())) then
            perform refuse('erasures_take_effect', 'erasures',
                'This person has a place that is still to come or still to be paid. Cancel or complete it first.');
        end if;
        perform erase_account(account.id, account.email, concat_ws(' ', account.first_name, account.last_name));
    end loop;
    return null;
end $$;

create function erase_account(account_id integer, address text, full_name text) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    -- The seats that the person sat in, whoever booked them; told before the names are gone.
    seats integer[] := array(
        select booking.id
          from bookings as booking
          left join attendees as attendee on attendee.booking_id = booking.id
         where lower(attendee.email) = lower(address)
            or booking.user_id = account_id
               and (attendee.booking_id is null or lower(concat_ws(' ', attendee.first_name, attendee.last_name)) = lower(full_name)));
begin
    update admin_activity_logs
       set old_values = without_person(old_values, address), new_values = without_person(new_values, address)
     where (entity_type = 'user' and entity_id = account_id)
        or (entity_type = 'booking' and (entity_id = any(seats) or entity_id in (select id from bookings where user_id = account_id)))
        or (entity_type = 'order' and entity_id in (select id from orders where user_id = account_id))
        or strpos(lower(concat(old_values, new_values)), lower(to_json(address)::text)) > 0;
    delete from access_needs where booking_id = any(seats);
    delete from attendee_details where booking_id = any(seats);
    delete from earlier_certificates where booking_id = any(seats);
    delete from attendee_links where booking_id = any(seats) or lower(recipient) = lower(address);
    update attendees set first_name = 'Erased', last_name = 'person', email = null where booking_id = any(seats);
    update organisation_people set first_name = 'Erased', last_name = 'person', email = null where lower(email) = lower(address);
    update bookings set notes = null where user_id = account_id and notes is not null;
    update orders set booker_name = 'Erased person', booker_email = erased_address(account_id), booker_phone = null,
                      access_token_hash = sha256(gen_random_uuid()::text::bytea)
     where user_id = account_id or lower(booker_email) = lower(address);
    update outbox_mails set recipient = erased_address(account_id), subject = 'Erased', text_body = '', html_body = '', calendar = null,
                            last_error = null, dedupe_key = case when strpos(dedupe_key, address) > 0 then 'erased ' || id else dedupe_key end,
                            state = case state when 'queued' then 'kept' else state end
     where lower(recipient) = lower(address);
    update email_logs set recipient_email = erased_address(account_id), subject = null, error_message = null
     where lower(recipient_email) = lower(address);
    update analytics_events set user_id = null, session_id = null, ip_address = null, user_agent = null, page_url = null,
                                referrer_url = null, event_data = '{}'
     where user_id = account_id;
    delete from user_sessions where user_id = account_id;
    delete from sign_in_links where user_id = account_id;
    delete from api_tokens where user_id = account_id;
    delete from calendar_feeds where user_id = account_id;
    delete from organisation_members where user_id = account_id;
    -- With the dates it waited for: who is erased is offered nothing more.
    delete from waiting_entries where user_id = account_id or lower(email) = lower(address);
    update users set email = erased_address(account_id), password_hash = '!', first_name = null, last_name = null, phone = null,
                     is_active = false, last_login = null
     where id = account_id;
end $$;

create trigger erasures_take_effect after insert on erasures
for each row execute function erasures_take_effect();
create trigger erasures_append_only before update on erasures for each row execute function refuse_change();
create trigger erasures_never_deleted before delete on erasures for each row execute function refuse_removal();

-- The content of a line may be taken out from within a rule; who acted, when and on what stays, whoever asks.
drop trigger admin_activity_logs_append_only on admin_activity_logs;
create trigger admin_activity_logs_append_only before update on admin_activity_logs
for each row when (pg_trigger_depth() = 0
    or (old.id, old.admin_id, old.action, old.entity_type, old.entity_id, old.created_at)
       is distinct from (new.id, new.admin_id, new.action, new.entity_type, new.entity_id, new.created_at))
execute function refuse_change();

-- down
drop trigger admin_activity_logs_append_only on admin_activity_logs;
create trigger admin_activity_logs_append_only before update on admin_activity_logs for each row execute function refuse_change();
drop trigger erasures_never_deleted on erasures;
drop trigger erasures_append_only on erasures;
drop trigger erasures_take_effect on erasures;
drop function erase_account(integer, text, text);
drop function erasures_take_effect();
drop function without_person(jsonb, text);
drop function erased_address(integer);
