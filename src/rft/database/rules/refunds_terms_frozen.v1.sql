-- What was agreed about a refund stays, and no refund vanishes: only how far it has come is written on it. Stripe has the last word:
-- a refund that was withdrawn here and yet made there is made. One that is given back by hand may go another way than it came.

create function refunds_terms_frozen() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if (old.id, old.booking_id, old.amount, old.stripe_payment_intent_id, old.reason, old.note, old.idempotency_key, old.retries,
        old.requested_by, old.created_at)
       is distinct from (new.id, new.booking_id, new.amount, new.stripe_payment_intent_id, new.reason, new.note, new.idempotency_key,
        new.retries, new.requested_by, new.created_at)
       or (old.method <> new.method and new.state <> 'returned')
       or (old.stripe_refund_id is not null and old.stripe_refund_id is distinct from new.stripe_refund_id) then
        perform refuse('refunds_terms_frozen', 'refunds', 'What was agreed about a refund stays as it is.');
    end if;
    if old.state <> new.state
       and (old.state, new.state) not in (('due', 'sent'), ('due', 'returned'), ('due', 'failed'), ('due', 'withdrawn'),
           ('sent', 'returned'), ('sent', 'failed'), ('failed', 'sent'), ('failed', 'returned'), ('failed', 'withdrawn'))
       and not (new.stripe_refund_id is not null
                and (old.state, new.state) in (('returned', 'failed'), ('withdrawn', 'sent'), ('withdrawn', 'returned'))) then
        perform refuse('refunds_state_transition', 'refunds', format('A refund that is %s cannot become %s.', old.state, new.state),
            jsonb_build_object('from', old.state, 'to', new.state));
    end if;
    return new;
end $$;

create trigger refunds_terms_frozen before update on refunds for each row execute function refunds_terms_frozen();
create trigger refunds_never_deleted before delete on refunds for each row execute function refuse_removal();
create trigger refunds_never_emptied before truncate on refunds for each statement execute function refuse_removal();

-- down
drop trigger refunds_never_emptied on refunds;
drop trigger refunds_never_deleted on refunds;
drop trigger refunds_terms_frozen on refunds;
drop function refunds_terms_frozen();
