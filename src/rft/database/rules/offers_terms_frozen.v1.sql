-- An offer's terms are what orders were given it for: once made it is only ended (switched off, or given a last day), never rewritten.

create function offers_terms_frozen() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform refuse('offers_terms_frozen', 'offers', 'An offer keeps its terms: end this one and make another.');
    return null;
end $$;

create trigger offers_terms_frozen after update on offers
for each row when (
    (old.name, old.kind, old.at_least_seats, old.days_ahead, old.percent, old.amount, old.course_id, old.valid_from)
    is distinct from (new.name, new.kind, new.at_least_seats, new.days_ahead, new.percent, new.amount, new.course_id, new.valid_from)
    or new.valid_until > old.valid_until or (old.valid_until is not null and new.valid_until is null)
    or (new.is_active and not old.is_active)
) execute function offers_terms_frozen();

-- down
drop trigger offers_terms_frozen on offers;
drop function offers_terms_frozen();
