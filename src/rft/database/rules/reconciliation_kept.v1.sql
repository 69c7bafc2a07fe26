-- The copy of Stripe's balance and the comparisons are evidence: nothing of them is changed or deleted. A payout moves on to the bank,
-- and a difference is resolved once; what was seen of either stays.
create function reconciliation_kept() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if tg_table_name = 'stripe_payouts' then
        if (old.stripe_id, old.amount, old.created_at) is distinct from (new.stripe_id, new.amount, new.created_at)
           or (old.bank_reference is not null and old.bank_reference is distinct from new.bank_reference) then
            perform refuse('reconciliation_kept', tg_table_name, 'Only how far a payout has come is written on it.');
        end if;
    elsif old.resolved_at is not null
          or (old.object, old.stripe_id, old.first_seen_at) is distinct from (new.object, new.stripe_id, new.first_seen_at) then
        perform refuse('reconciliation_kept', tg_table_name, 'A difference that was resolved stays as it was.');
    end if;
    return new;
end $$;

create trigger stripe_balance_transactions_append_only before update on stripe_balance_transactions for each row execute function refuse_change();
create trigger stripe_payout_parts_append_only before update on stripe_payout_parts for each row execute function refuse_change();
create trigger reconciliation_runs_append_only before update on reconciliation_runs for each row execute function refuse_change();
create trigger stripe_payouts_kept before update on stripe_payouts for each row execute function reconciliation_kept();
create trigger reconciliation_differences_kept before update on reconciliation_differences for each row execute function reconciliation_kept();

create trigger stripe_balance_transactions_never_deleted before delete on stripe_balance_transactions for each row execute function refuse_removal();
create trigger stripe_payouts_never_deleted before delete on stripe_payouts for each row execute function refuse_removal();
create trigger stripe_payout_parts_never_deleted before delete on stripe_payout_parts for each row execute function refuse_removal();
create trigger reconciliation_runs_never_deleted before delete on reconciliation_runs for each row execute function refuse_removal();
create trigger reconciliation_differences_never_deleted before delete on reconciliation_differences for each row execute function refuse_removal();

create trigger stripe_balance_transactions_never_emptied before truncate on stripe_balance_transactions for each statement execute function refuse_removal();
create trigger stripe_payouts_never_emptied before truncate on stripe_payouts for each statement execute function refuse_removal();
create trigger stripe_payout_parts_never_emptied before truncate on stripe_payout_parts for each statement execute function refuse_removal();
create trigger reconciliation_runs_never_emptied before truncate on reconciliation_runs for each statement execute function refuse_removal();
create trigger reconciliation_differences_never_emptied before truncate on reconciliation_differences for each statement execute function refuse_removal();

-- down
drop trigger reconciliation_differences_never_emptied on reconciliation_differences;
drop trigger reconciliation_runs_never_emptied on reconciliation_runs;
drop trigger stripe_payout_parts_never_emptied on stripe_payout_parts;
drop trigger stripe_payouts_never_emptied on stripe_payouts;
drop trigger stripe_balance_transactions_never_emptied on stripe_balance_transactions;
drop trigger reconciliation_differences_never_deleted on reconciliation_differences;
drop trigger reconciliation_runs_never_deleted on reconciliation_runs;
drop trigger stripe_payout_parts_never_deleted on stripe_payout_parts;
drop trigger stripe_payouts_never_deleted on stripe_payouts;
drop trigger stripe_balance_transactions_never_deleted on stripe_balance_transactions;
drop trigger reconciliation_differences_kept on reconciliation_differences;
drop trigger stripe_payouts_kept on stripe_payouts;
drop trigger reconciliation_runs_append_only on reconciliation_runs;
drop trigger stripe_payout_parts_append_only on stripe_payout_parts;
drop trigger stripe_balance_transactions_append_only on stripe_balance_transactions;
drop function reconciliation_kept();
