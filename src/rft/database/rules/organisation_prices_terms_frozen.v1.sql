-- An agreed price is what orders were made at: it is given a last day, and another price begins after it. One that an order was made
-- at is kept by the order's foreign key.

create function organisation_prices_terms_frozen() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform refuse('organisation_prices_terms_frozen', 'organisation_prices',
        'An agreed price stays as it was agreed: end this one and agree another.');
    return null;
end $$;

create trigger organisation_prices_terms_frozen after update on organisation_prices
for each row when (
    (old.organisation_id, old.course_id, old.price, old.valid_from)
    is distinct from (new.organisation_id, new.course_id, new.price, new.valid_from)
    or new.valid_until > old.valid_until or (old.valid_until is not null and new.valid_until is null)
) execute function organisation_prices_terms_frozen();

create function orders_agreed_price_frozen() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform refuse('orders_price_frozen', 'orders', 'How the price of this order came about was written when it was placed, and stays.');
    return null;
end $$;

create trigger orders_agreed_price_frozen after update of organisation_price_id on orders
for each row when (old.unit_price is not null and old.organisation_price_id is distinct from new.organisation_price_id)
execute function orders_agreed_price_frozen();

-- down
drop trigger orders_agreed_price_frozen on orders;
drop function orders_agreed_price_frozen();
drop trigger organisation_prices_terms_frozen on organisation_prices;
drop function organisation_prices_terms_frozen();
