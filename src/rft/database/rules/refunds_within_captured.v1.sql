-- No more is owed back for a booking than is still here of what was received for it.
--
-- What has been sent stands in the ledger, which has its own rule; here the refunds that are due are held against what the ledger
-- has kept. Looked at when a refund is owed, and when the transaction ends in which money went back another way. The booking is
-- updated, not only locked, so that two refunds at once never both believe an old sum.

create function require_refunds_within_captured(of_booking integer) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    kept numeric;
    owed numeric;
begin
    update bookings set updated_at = updated_at where id = of_booking;
    select coalesce(sum(case status when 'succeeded' then amount when 'refunded' then -amount end), 0) into kept
      from payment_transactions
     where booking_id = of_booking;
    select coalesce(sum(amount), 0) into owed from refunds where booking_id = of_booking and state = 'due';
    if owed > kept then
        perform refuse('refunds_within_captured', 'refunds', format('£%s would be owed back of £%s that is still here.', owed, kept),
            jsonb_build_object('owed', owed::text, 'kept', kept::text));
    end if;
end $$;

create function refunds_within_captured() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform require_refunds_within_captured(new.booking_id);
    return null;
end $$;

create trigger refunds_within_captured after insert on refunds
for each row when (new.state = 'due') execute function refunds_within_captured();

create constraint trigger refunds_within_captured after insert on payment_transactions
deferrable initially deferred for each row when (new.status = 'refunded') execute function refunds_within_captured();

-- down
drop trigger refunds_within_captured on payment_transactions;
drop trigger refunds_within_captured on refunds;
drop function refunds_within_captured();
drop function require_refunds_within_captured(integer);
