-- An order may be owed for when its organisation is approved for invoices and all that it owes stays within its credit limit, or
-- when a person of the office lets it. Every order on invoice waits until then; nobody keeps more than five waiting.
--
-- What an organisation owes is what its accepted orders still have pending. Whoever judges or accepts touches the organisation's row
-- first: two orders at once are judged one after the other, each seeing the one before. The row comes last in the lock order.

create function owed_on_account(of_organisation bigint, besides_order bigint default null) returns numeric
language sql stable set search_path = public, pg_temp as $$
    select coalesce(sum(booking.payment_amount - kept.amount), 0.00)
      from order_organisations as owner
      join order_approvals as approval on approval.order_id = owner.order_id and approval.state = 'accepted'
      join order_bookings as seat on seat.order_id = owner.order_id
      join bookings as booking on booking.id = seat.booking_id and booking.status = 'pending'
     cross join lateral (
           select coalesce(sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount else 0 end), 0) as amount
             from payment_transactions as entry where entry.booking_id = booking.id) as kept
     where owner.organisation_id = of_organisation and owner.order_id is distinct from besides_order
$$;

-- Why the order cannot be accepted without asking anybody, as a sentence; NULL where it can.
create function why_not_on_credit(this_order bigint) returns text
language plpgsql set search_path = public, pg_temp as $$
declare
    account record;
    owed numeric;
    asked numeric;
begin
    update organisations as organisation set credit_limit = organisation.credit_limit
      from order_organisations as owner
     where owner.order_id = this_order and organisation.id = owner.organisation_id
    returning organisation.id, organisation.is_active, organisation.is_approved_for_invoice, organisation.credit_limit into account;
    if not found then
        return 'Nobody has said yet whose account this order is on.';
    end if;
    if not (account.is_active and account.is_approved_for_invoice) then
        return 'The organisation is not approved for invoices.';
    end if;
    owed := owed_on_account(account.id, this_order);
    select coalesce(sum(booking.payment_amount), 0.00) into asked
      from order_bookings as seat join bookings as booking on booking.id = seat.booking_id
     where seat.order_id = this_order and booking.status = 'pending';
    if owed + asked > account.credit_limit then
        return format('£%s is owed already; with this order it would be £%s, and the credit limit is £%s.', owed, owed + asked, account.credit_limit);
    end if;
    return null;
end $$;

create function orders_within_credit() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    why text;
begin
    if tg_op = 'UPDATE' and old.state <> 'waiting' and (old.state, old.due_on) is distinct from (new.state, new.due_on) then
        perform refuse('order_approvals_decided_once', 'order_approvals', 'This order has been decided about already.',
            jsonb_build_object('state', old.state));
    end if;
    if new.state <> 'waiting' then
        new.decided_at := coalesce(new.decided_at, utc_clock());
    end if;
    if new.state = 'accepted' and (tg_op = 'INSERT' or old.state = 'waiting') then
        why := why_not_on_credit(new.order_id);
        if why is not null and new.decided_by is null then
            perform refuse('orders_within_credit', 'order_approvals', why);
        end if;
        new.due_on := coalesce(new.due_on, london_day(new.decided_at) + coalesce(
            (select organisation.payment_terms_days
               from order_organisations as owner join organisations as organisation on organisation.id = owner.organisation_id
              where owner.order_id = new.order_id), 30));
    end if;
    return new;
end $$;

create trigger orders_within_credit before insert or update on order_approvals
for each row execute function orders_within_credit();

create trigger order_approvals_never_deleted before delete on order_approvals for each row execute function refuse_removal();

-- Two working days; bank holidays are for the application to add, which has a calendar of them.
create function wait_for_approval() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    waiting integer;
begin
    -- The touch makes the orders that one person places at once take turns.
    update users set last_login = last_login where id = new.user_id;
    select count(distinct approval.order_id) into waiting
      from orders as placed
      join order_approvals as approval on approval.order_id = placed.id and approval.state = 'waiting'
      join order_bookings as seat on seat.order_id = placed.id
      join bookings as booking on booking.id = seat.booking_id and booking.status = 'pending'
     where placed.user_id = new.user_id and placed.id <> new.id;
    if waiting >= 5 then
        perform refuse('orders_few_waiting', 'orders', format('%s orders of this person already wait for approval.', waiting),
            jsonb_build_object('waiting', waiting));
    end if;
    insert into order_approvals (order_id, decide_by)
    values (new.id, utc_clock() + case extract(isodow from london_day(utc_clock())) when 4 then interval '4 days' when 5 then interval '4 days'
                                       when 6 then interval '3 days' else interval '2 days' end)
    on conflict (order_id) do nothing;
    return null;
end $$;

create trigger orders_within_credit_insert after insert on orders
for each row when (new.payment_method = 'invoice') execute function wait_for_approval();

create trigger orders_within_credit_update after update of payment_method on orders
for each row when (new.payment_method = 'invoice' and old.payment_method <> 'invoice') execute function wait_for_approval();

-- down
drop trigger orders_within_credit_update on orders;
drop trigger orders_within_credit_insert on orders;
drop function wait_for_approval();
drop trigger order_approvals_never_deleted on order_approvals;
drop trigger orders_within_credit on order_approvals;
drop function orders_within_credit();
drop function why_not_on_credit(bigint);
drop function owed_on_account(bigint, bigint);
