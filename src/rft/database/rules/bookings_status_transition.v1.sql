-- A booking's life: pending to confirmed or cancelled; confirmed to completed, no_show or cancelled; completed and no_show into each
-- other while no certificate is out. Nothing else: to un-cancel is to book again. What was agreed (gross price, reference, who
-- booked, when) stays. So does its id: what is looked at when the transaction ends is found again by it.

create function bookings_status_transition() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        if new.status in ('completed', 'no_show') then
            perform refuse('bookings_status_transition', 'bookings', 'A booking begins as pending or confirmed.');
        end if;
        if new.created_at > utc_clock() + interval '2 minutes' then
            perform refuse('bookings_made_in_the_past', 'bookings', 'A booking cannot have been made in the future.');
        end if;
        new.updated_at := greatest(new.updated_at, new.created_at);
        return new;
    end if;
    if old.status is distinct from new.status and new.status is not null
       and (old.status, new.status) not in (('pending', 'confirmed'), ('pending', 'cancelled'), ('confirmed', 'completed'),
           ('confirmed', 'no_show'), ('confirmed', 'cancelled'), ('completed', 'no_show'), ('no_show', 'completed')) then
        perform refuse('bookings_status_transition', 'bookings', format('A %s booking cannot become %s.', old.status, new.status),
            jsonb_build_object('from', old.status, 'to', new.status));
    end if;
    if old.course_schedule_id <> new.course_schedule_id and new.status not in ('pending', 'confirmed') then
        perform refuse('bookings_status_transition', 'bookings', format('A %s booking cannot be moved.', new.status));
    end if;
    if (old.id, old.user_id, old.booking_reference, old.created_at)
       is distinct from (new.id, new.user_id, new.booking_reference, new.created_at)
       or (old.course_schedule_id = new.course_schedule_id
           and old.payment_amount + old.discount_applied <> new.payment_amount + new.discount_applied) then
        perform refuse('bookings_terms_frozen', 'bookings',
            'Who booked, when, under which reference and at what gross price stays as it was agreed.');
    end if;
    return new;
end $$;

create trigger bookings_status_transition_insert before insert on bookings
for each row when (
    new.status in ('completed', 'no_show')
    or new.created_at > current_timestamp at time zone 'UTC'
    or new.updated_at < new.created_at
)
execute function bookings_status_transition();

create trigger bookings_status_transition_update before update on bookings
for each row when (
    (old.id, old.status, old.course_schedule_id, old.user_id, old.booking_reference, old.created_at, old.payment_amount,
     old.discount_applied)
    is distinct from
    (new.id, new.status, new.course_schedule_id, new.user_id, new.booking_reference, new.created_at, new.payment_amount,
     new.discount_applied)
) execute function bookings_status_transition();

-- down
drop trigger bookings_status_transition_update on bookings;
drop trigger bookings_status_transition_insert on bookings;
drop function bookings_status_transition();
