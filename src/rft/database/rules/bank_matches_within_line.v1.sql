-- A line of a bank statement settles no more than it brought, and what the bank wrote is never changed.
--
-- Whoever matches touches the line first: two who match one line at once are judged one after the other. A match stays, since the
-- money is in the ledger; a wrong one is refunded.

create function bank_matches_within_line() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    brought numeric;
    matched numeric;
begin
    update bank_lines as line set ordinal = line.ordinal where line.id = new.line_id returning line.amount into brought;
    select coalesce(sum(earlier.amount), 0.00) into matched
      from bank_matches as earlier where earlier.line_id = new.line_id and earlier.id <> new.id;
    if matched + new.amount > brought then
        perform refuse('bank_matches_within_line', 'bank_matches',
            format('£%s of this line is left, and £%s was to be taken from it.', greatest(brought - matched, 0.00), new.amount),
            jsonb_build_object('left', greatest(brought - matched, 0.00)::text));
    end if;
    if exists (select from bank_lines_set_aside as aside where aside.line_id = new.line_id) then
        perform refuse('bank_matches_within_line', 'bank_matches', 'This line was set aside. Take it back first.');
    end if;
    return new;
end $$;

create trigger bank_matches_within_line before insert on bank_matches for each row execute function bank_matches_within_line();

create trigger bank_lines_append_only before update on bank_lines
for each row when (old.* is distinct from new.*) execute function refuse_change();
create trigger bank_lines_never_deleted before delete on bank_lines for each row execute function refuse_removal();
create trigger bank_lines_never_emptied before truncate on bank_lines for each statement execute function refuse_removal();
create trigger bank_matches_append_only before update on bank_matches for each row execute function refuse_change();
create trigger bank_matches_never_deleted before delete on bank_matches for each row execute function refuse_removal();
create trigger bank_matches_never_emptied before truncate on bank_matches for each statement execute function refuse_removal();

-- down
drop trigger bank_matches_never_emptied on bank_matches;
drop trigger bank_matches_never_deleted on bank_matches;
drop trigger bank_matches_append_only on bank_matches;
drop trigger bank_lines_never_emptied on bank_lines;
drop trigger bank_lines_never_deleted on bank_lines;
drop trigger bank_lines_append_only on bank_lines;
drop trigger bank_matches_within_line on bank_matches;
drop function bank_matches_within_line();
