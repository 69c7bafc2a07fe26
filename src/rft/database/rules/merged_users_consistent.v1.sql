-- An account that was merged is another name of one account that lives: customers only, no chains, and it opens nothing any more.
--
-- Bookings, orders and the ledger keep the account that they were made with (bookings_terms_frozen): the merge is a reading of
-- them, not a rewriting.

create function merged_users_consistent() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform from users where id in (new.user_id, new.into_user_id) order by id for no key update;
    if exists (select from users where id in (new.user_id, new.into_user_id) and role <> 'customer') then
        perform refuse('merged_users_consistent', 'merged_users', 'Only customers are merged: what staff did stays under their own name.');
    end if;
    if exists (select from merged_users where user_id = new.into_user_id or (user_id = new.user_id and tg_op = 'INSERT')) then
        perform refuse('merged_users_consistent', 'merged_users', 'One of these accounts has been merged already.');
    end if;
    if exists (select from erasures where user_id in (new.user_id, new.into_user_id)) then
        perform refuse('merged_users_consistent', 'merged_users', 'What was erased is not brought together again.');
    end if;
    return new;
end $$;

create trigger merged_users_consistent before insert or update on merged_users
for each row execute function merged_users_consistent();

create function users_merged_stay_closed() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if exists (select from merged_users where user_id = new.id) then
        perform refuse('merged_users_consistent', 'users', 'This account was merged into another one: open that one instead.');
    end if;
    if exists (select from erasures where user_id = new.id) then
        perform refuse('erasures_take_effect', 'users', 'This account was erased: it stays closed.');
    end if;
    return null;
end $$;

create trigger users_merged_stay_closed after update of is_active, role on users
for each row when ((new.is_active and not old.is_active) or old.role is distinct from new.role)
execute function users_merged_stay_closed();

create trigger merged_users_never_deleted before delete on merged_users for each row execute function refuse_removal();

-- down
drop trigger merged_users_never_deleted on merged_users;
drop trigger users_merged_stay_closed on users;
drop function users_merged_stay_closed();
drop trigger merged_users_consistent on merged_users;
drop function merged_users_consistent();
