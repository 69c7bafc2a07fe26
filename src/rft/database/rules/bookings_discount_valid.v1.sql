-- Rule 3: a discount code is valid on the London day the booking was made, and is never used more often than it may be.
--
-- One conditional UPDATE judges the code and counts its use under the row's own lock. AFTER the booking: its schedule's lock is held
-- by then, and the order schedule, then code, is the same everywhere. times_used is the number of live bookings that carry the code.

create function require_discount_amount(booking bookings, discount_type text, discount_value numeric) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    gross numeric := booking.payment_amount + booking.discount_applied;
    expected numeric := case discount_type
        when 'fixed' then least(discount_value, gross)
        else round(gross * discount_value / 100, 2)
    end;
begin
    -- Nothing taken off is let through: a code may be carried only to tell where a booking came from.
    if booking.discount_applied not in (0, expected) then
        perform refuse('bookings_discount_amount', 'bookings',
            format('This code takes £%s off £%s, not £%s.', expected, gross, booking.discount_applied));
    end if;
end $$;

create function use_discount_code(booking bookings) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    gross numeric := booking.payment_amount + booking.discount_applied;
    code record;
begin
    update discount_codes as discount_code
       set times_used = discount_code.times_used + case booking.status when 'cancelled' then 0 else 1 end
      from course_schedules as schedule
      join courses as course on course.id = schedule.course_id
     where discount_code.id = booking.discount_code_id
       and schedule.id = booking.course_schedule_id
       and discount_code.is_active
       and london_day(booking.created_at) between discount_code.valid_from and discount_code.valid_until
       and (discount_code.usage_limit is null or discount_code.times_used < discount_code.usage_limit)
       and gross >= coalesce(discount_code.min_purchase_amount, 0)
       and course.course_type = coalesce(discount_code.course_type_restriction, course.course_type)
    returning discount_code.discount_type, discount_code.discount_value into code;
    if not found then
        -- An unknown code is left to the foreign key. The sentence does not tell which condition failed: codes are not to be probed.
        if exists (select from discount_codes where id = booking.discount_code_id) then
            perform refuse('bookings_discount_valid', 'bookings', 'This discount code cannot be used for this booking.');
        end if;
        return;
    end if;

    perform require_discount_amount(booking, code.discount_type, code.discount_value);
end $$;

create function bookings_discount_valid() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if tg_op = 'UPDATE' and old.discount_code_id is not null and old.status <> 'cancelled'
       and (new.status = 'cancelled' or new.discount_code_id is distinct from old.discount_code_id) then
        update discount_codes set times_used = times_used - 1 where id = old.discount_code_id;
    end if;
    if new.discount_code_id is not null and (tg_op = 'INSERT' or new.discount_code_id is distinct from old.discount_code_id) then
        perform use_discount_code(new);
    end if;
    return null;
end $$;

create trigger bookings_discount_valid_insert after insert on bookings
for each row when (new.discount_code_id is not null) execute function bookings_discount_valid();

create trigger bookings_discount_valid_update after update on bookings
for each row when (
    old.discount_code_id is distinct from new.discount_code_id
    or (old.discount_code_id is not null and old.status <> 'cancelled' and new.status = 'cancelled')
) execute function bookings_discount_valid();

-- A booking whose price or date changes keeps its code only if the code fits that type of course and that price, and gives what
-- it says of the new price.
create function bookings_discount_still_fits() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    code record;
begin
    select discount_code.discount_type, discount_code.discount_value,
           new.payment_amount + new.discount_applied >= coalesce(discount_code.min_purchase_amount, 0)
           and course.course_type = coalesce(discount_code.course_type_restriction, course.course_type) as fits
      into code
      from discount_codes as discount_code, course_schedules as schedule
      join courses as course on course.id = schedule.course_id
     where discount_code.id = new.discount_code_id and schedule.id = new.course_schedule_id;
    if not code.fits then
        perform refuse('bookings_discount_valid', 'bookings', 'The discount code of this booking is not for this course or price.');
    end if;
    perform require_discount_amount(new, code.discount_type, code.discount_value);
    return null;
end $$;

create trigger bookings_discount_valid_changed after update on bookings
for each row when (
    new.discount_code_id is not null and old.discount_code_id = new.discount_code_id
    and (old.course_schedule_id, old.payment_amount, old.discount_applied)
        is distinct from (new.course_schedule_id, new.payment_amount, new.discount_applied)
) execute function bookings_discount_still_fits();

create function discount_codes_uses_are_derived() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform refuse('discount_codes_uses_are_derived', 'discount_codes',
        'Uses are counted from the bookings; times_used cannot be written by hand.');
    return null;
end $$;

create trigger discount_codes_uses_are_derived_insert before insert on discount_codes
for each row when (new.times_used <> 0) execute function discount_codes_uses_are_derived();

create trigger discount_codes_uses_are_derived_update before update on discount_codes
for each row when (old.times_used is distinct from new.times_used and pg_trigger_depth() = 0)
execute function discount_codes_uses_are_derived();

-- The row is locked by the update itself, so a first use in flight is either seen here or sees the new terms.
create function discount_codes_terms_frozen() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if exists (select from bookings where discount_code_id = old.id) then
        perform refuse('discount_codes_terms_frozen', 'discount_codes',
            'This code has been used: only its description, whether it is active, a later last day and its usage limit may change.');
    end if;
    return null;
end $$;

create trigger discount_codes_terms_frozen after update on discount_codes
for each row when (
    (old.code, old.discount_type, old.discount_value, old.min_purchase_amount, old.valid_from, old.course_type_restriction)
    is distinct from (new.code, new.discount_type, new.discount_value, new.min_purchase_amount, new.valid_from, new.course_type_restriction)
    or new.valid_until < old.valid_until
) execute function discount_codes_terms_frozen();

-- down
drop trigger discount_codes_terms_frozen on discount_codes;
drop function discount_codes_terms_frozen();
drop trigger discount_codes_uses_are_derived_update on discount_codes;
drop trigger discount_codes_uses_are_derived_insert on discount_codes;
drop function discount_codes_uses_are_derived();
drop trigger bookings_discount_valid_changed on bookings;
drop function bookings_discount_still_fits();
drop trigger bookings_discount_valid_update on bookings;
drop trigger bookings_discount_valid_insert on bookings;
drop function bookings_discount_valid();
drop function use_discount_code(bookings);
drop function require_discount_amount(bookings, text, numeric);
