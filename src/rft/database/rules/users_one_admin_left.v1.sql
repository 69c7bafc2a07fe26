-- Somebody can always administer: the last active admin is neither deactivated nor given another role.
--
-- The lock makes two admins who put each other out at the same moment wait, and the second of them sees what the first one did.

create function users_one_admin_left() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform pg_advisory_xact_lock(7302, 0);
    if not exists (select from users where role = 'admin' and is_active) then
        perform refuse('users_one_admin_left', 'users', 'This is the last active admin. Make somebody else an admin first.');
    end if;
    return null;
end $$;

create trigger users_one_admin_left after update of role, is_active on users
for each row when (old.role = 'admin' and old.is_active and not (new.role = 'admin' and new.is_active))
execute function users_one_admin_left();

-- down
drop trigger users_one_admin_left on users;
drop function users_one_admin_left();
