-- What is kept of changes: a cancellation or a move that was written down is never changed, and none of it vanishes. A cancellation
-- is written of a booking that is cancelled, by the end of the transaction.
create trigger booking_cancellations_written_in_utc before insert or update on booking_cancellations for each statement execute function require_utc_session();
create trigger booking_moves_written_in_utc before insert or update on booking_moves for each statement execute function require_utc_session();

create trigger booking_cancellations_append_only before update on booking_cancellations for each row execute function refuse_change();
create trigger booking_moves_append_only before update on booking_moves for each row execute function refuse_change();
create trigger schedule_cancellations_append_only before update on schedule_cancellations for each row execute function refuse_change();

create trigger booking_cancellations_never_deleted before delete on booking_cancellations for each row execute function refuse_removal();
create trigger booking_moves_never_deleted before delete on booking_moves for each row execute function refuse_removal();
create trigger schedule_cancellations_never_deleted before delete on schedule_cancellations for each row execute function refuse_removal();
create trigger schedule_cancellation_steps_never_deleted before delete on schedule_cancellation_steps for each row execute function refuse_removal();

create trigger booking_cancellations_never_emptied before truncate on booking_cancellations for each statement execute function refuse_removal();
create trigger booking_moves_never_emptied before truncate on booking_moves for each statement execute function refuse_removal();
create trigger schedule_cancellations_never_emptied before truncate on schedule_cancellations for each statement execute function refuse_removal();
create trigger schedule_cancellation_steps_never_emptied before truncate on schedule_cancellation_steps for each statement execute function refuse_removal();

create function booking_cancellations_of_cancelled() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if exists (select from bookings where id = new.booking_id and status <> 'cancelled') then
        perform refuse('booking_cancellations_of_cancelled', 'booking_cancellations',
            'This booking is not cancelled: there is no cancellation of it to write down.');
    end if;
    return null;
end $$;

create constraint trigger booking_cancellations_of_cancelled after insert on booking_cancellations
deferrable initially deferred for each row execute function booking_cancellations_of_cancelled();

-- down
drop trigger booking_cancellations_of_cancelled on booking_cancellations;
drop function booking_cancellations_of_cancelled();
drop trigger schedule_cancellation_steps_never_emptied on schedule_cancellation_steps;
drop trigger schedule_cancellations_never_emptied on schedule_cancellations;
drop trigger booking_moves_never_emptied on booking_moves;
drop trigger booking_cancellations_never_emptied on booking_cancellations;
drop trigger schedule_cancellation_steps_never_deleted on schedule_cancellation_steps;
drop trigger schedule_cancellations_never_deleted on schedule_cancellations;
drop trigger booking_moves_never_deleted on booking_moves;
drop trigger booking_cancellations_never_deleted on booking_cancellations;
drop trigger schedule_cancellations_append_only on schedule_cancellations;
drop trigger booking_moves_append_only on booking_moves;
drop trigger booking_cancellations_append_only on booking_cancellations;
drop trigger booking_moves_written_in_utc on booking_moves;
drop trigger booking_cancellations_written_in_utc on booking_cancellations;
