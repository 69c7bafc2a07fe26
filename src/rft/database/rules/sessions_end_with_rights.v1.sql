-- A new password, another role or a closed account ends every sign-in of the account, and whatever it had begun, whoever changed it.
-- A closed account's API tokens end for good: opening it again gives none of them back.
create function end_what_the_account_opened() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    delete from user_sessions where user_id = new.id;
    delete from account_steps where user_id = new.id;
    if not new.is_active then
        update api_tokens set revoked_at = current_timestamp where user_id = new.id and revoked_at is null;
    end if;
    return null;
end
$$;

create trigger sessions_end_with_rights after update on users
for each row when (old.password_hash is distinct from new.password_hash
                   or old.role is distinct from new.role
                   or old.is_active is distinct from new.is_active)
execute function end_what_the_account_opened();

-- down
drop trigger sessions_end_with_rights on users;
drop function end_what_the_account_opened;
