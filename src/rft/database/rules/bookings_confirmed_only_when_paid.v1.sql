-- Rule 4: a booking is confirmed only when its payment is.
--
-- CHECKs (see the migration of bookings) say which payment_status goes with which status. What crosses rows is looked at when the
-- transaction ends: 'paid' means that succeeded transactions cover payment_amount, 'refunded' that everything has gone back.
-- The order in which booking and transactions are written inside the transaction is therefore free.

create function require_settled(booking_id integer) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    booking record;
begin
    select found.payment_amount, found.payment_status, found.status,
           coalesce(sum(entry.amount) filter (where entry.status = 'succeeded'), 0) as captured,
           coalesce(sum(entry.amount) filter (where entry.status = 'refunded'), 0) as returned
      into booking
      from bookings as found
      left join payment_transactions as entry on entry.booking_id = found.id
     where found.id = require_settled.booking_id
     group by found.id;
    if (booking.payment_status = 'paid' or booking.status in ('confirmed', 'completed', 'no_show'))
       and booking.captured < booking.payment_amount then
        perform refuse('bookings_confirmed_only_when_paid', 'bookings',
            format('£%s of £%s has been received: the booking cannot be confirmed.', booking.captured, booking.payment_amount),
            jsonb_build_object('received', booking.captured::text, 'due', booking.payment_amount::text));
    end if;
    if booking.payment_status = 'refunded' and (booking.captured = 0 or booking.returned < booking.captured) then
        perform refuse('bookings_refunded_only_when_returned', 'bookings',
            format('£%s of £%s has been returned: the booking is not refunded.', booking.returned, booking.captured));
    end if;
end $$;

-- Money may go back from a booking that is confirmed, before anybody cancels; money that has gone back confirms nothing.
create function require_money_kept(of_booking integer) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    booking record;
begin
    select found.payment_amount, sum(case entry.status when 'succeeded' then entry.amount else -entry.amount end) as kept
      into booking
      from bookings as found
      join payment_transactions as entry on entry.booking_id = found.id and entry.status in ('succeeded', 'refunded')
     where found.id = of_booking and found.status = 'confirmed'
     group by found.id;
    if booking.kept < booking.payment_amount then
        perform refuse('bookings_confirmed_only_when_paid', 'bookings',
            format('£%s of £%s is left after refunds: the booking cannot be confirmed.', booking.kept, booking.payment_amount),
            jsonb_build_object('received', booking.kept::text, 'due', booking.payment_amount::text));
    end if;
end $$;

create function bookings_confirmed_only_when_paid() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform require_settled(new.id);
    if tg_op = 'INSERT' or old.status is distinct from new.status then
        perform require_money_kept(new.id);
    end if;
    return null;
end $$;

create constraint trigger bookings_confirmed_only_when_paid_insert after insert on bookings
deferrable initially deferred for each row
when (new.payment_status in ('paid', 'refunded') or new.status in ('confirmed', 'completed', 'no_show'))
execute function bookings_confirmed_only_when_paid();

create constraint trigger bookings_confirmed_only_when_paid_update after update on bookings
deferrable initially deferred for each row
when ((new.payment_status in ('paid', 'refunded') or new.status in ('confirmed', 'completed', 'no_show'))
      and (old.status, old.payment_status, old.payment_amount) is distinct from (new.status, new.payment_status, new.payment_amount))
execute function bookings_confirmed_only_when_paid();

-- Money that arrives after everything went back ends the state 'refunded': whoever records it says so on the booking, in the same
-- transaction. The booking is updated where this transaction has not done so already, so that it is not called refunded meanwhile.
create function bookings_refunded_only_when_returned() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    update bookings set updated_at = updated_at where id = new.booking_id and xmin <> pg_current_xact_id()::xid;
    perform require_settled(new.booking_id);
    return null;
end $$;

create constraint trigger bookings_refunded_only_when_returned after insert on payment_transactions
deferrable initially deferred for each row when (new.status = 'succeeded') execute function bookings_refunded_only_when_returned();

-- No more goes back than came in. The booking is updated, not only locked, so that two refunds at once never both believe an old sum.
create function payment_transactions_refund_within_captured() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    captured numeric;
    returned numeric;
begin
    update bookings set updated_at = updated_at where id = new.booking_id;
    select coalesce(sum(amount) filter (where status = 'succeeded'), 0), coalesce(sum(amount) filter (where status = 'refunded'), 0)
      into captured, returned
      from payment_transactions
     where booking_id = new.booking_id;
    if returned > captured then
        perform refuse('payment_transactions_refund_within_captured', 'payment_transactions',
            format('£%s would have gone back of £%s received.', returned, captured));
    end if;
    return null;
end $$;

create trigger payment_transactions_refund_within_captured after insert on payment_transactions
for each row when (new.status = 'refunded') execute function payment_transactions_refund_within_captured();

-- One payment pays for one order (or, outside the orders, one booking): a Stripe object settles nothing else.
create function payment_transactions_settled_once() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    owner text;
    stripe_object text;
begin
    select coalesce('order ' || seat.order_id, 'booking ' || new.booking_id) into owner
      from (select) as nothing left join order_bookings as seat on seat.booking_id = new.booking_id;
    foreach stripe_object in array array_remove(array[new.stripe_payment_intent_id, new.stripe_charge_id], null) loop
        insert into settled_stripe_objects (stripe_id, settles) values (stripe_object, owner) on conflict (stripe_id) do nothing;
        if owner is distinct from (select settles from settled_stripe_objects where stripe_id = stripe_object) then
            perform refuse('payment_transactions_settled_once', 'payment_transactions',
                'This payment has already settled another order.', jsonb_build_object('stripe_id', stripe_object));
        end if;
    end loop;
    return null;
end $$;

create trigger payment_transactions_settled_once after insert on payment_transactions
for each row when (new.status = 'succeeded' and (new.stripe_payment_intent_id is not null or new.stripe_charge_id is not null))
execute function payment_transactions_settled_once();

-- down
drop trigger payment_transactions_settled_once on payment_transactions;
drop function payment_transactions_settled_once();
drop trigger payment_transactions_refund_within_captured on payment_transactions;
drop function payment_transactions_refund_within_captured();
drop trigger bookings_refunded_only_when_returned on payment_transactions;
drop function bookings_refunded_only_when_returned();
drop trigger bookings_confirmed_only_when_paid_update on bookings;
drop trigger bookings_confirmed_only_when_paid_insert on bookings;
drop function bookings_confirmed_only_when_paid();
drop function require_money_kept(integer);
drop function require_settled(integer);
