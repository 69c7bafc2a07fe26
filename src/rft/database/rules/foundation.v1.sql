-- What every rule below is written with: one way to refuse, one clock, and a guard on the session's time zone.
-- search_path is fixed in every function, so that a client's temporary table cannot stand in for one of ours.

create function refuse(rule text, on_table text, sentence text, facts jsonb default '{}') returns void
language plpgsql as $$
begin
    raise exception using errcode = 'check_violation', constraint = rule, table = on_table, message = sentence, detail = facts::text;
end $$;

-- The time now, not the time the transaction began: a rule that waited for a lock must not judge by an old clock.
create function utc_clock() returns timestamp
language sql volatile as $$ select clock_timestamp() at time zone 'UTC' $$;

create function london_day(utc timestamp) returns date
language sql stable as $$ select ((utc at time zone 'UTC') at time zone 'Europe/London')::date $$;

-- DEFAULT CURRENT_TIMESTAMP lands in a column without zone in the session's own time: only UTC tells the truth there.
create function require_utc_session() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if current_setting('TimeZone') not in ('UTC', 'Etc/UTC', 'GMT', 'Etc/GMT', 'UCT', 'Etc/UCT', 'Zulu', 'Etc/Zulu', 'Universal', 'Etc/Universal') then
        perform refuse('written_in_utc', tg_table_name,
            format('This session keeps time in %s; the database is written in UTC. Say: set timezone to ''UTC''.', current_setting('TimeZone')));
    end if;
    return null;
end $$;

create function touch_updated_at() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    new.updated_at := greatest(utc_clock(), new.created_at);
    return new;
end $$;

create function refuse_removal() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform refuse('never_deleted', tg_table_name, format('Rows of %s are kept: nothing is deleted from it.', tg_table_name));
    return null;
end $$;

create function refuse_change() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform refuse('append_only', tg_table_name, format('Rows of %s are never changed; add a new one.', tg_table_name));
    return null;
end $$;

-- down
drop function refuse_change();
drop function refuse_removal();
drop function touch_updated_at();
drop function require_utc_session();
drop function london_day(timestamp);
drop function utc_clock();
drop function refuse(text, text, text, jsonb);
