-- How an order's price came about is written when it is placed and stays, so that the order explains itself years later.

create function orders_price_frozen() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform refuse('orders_price_frozen', 'orders', 'How the price of this order came about was written when it was placed, and stays.');
    return null;
end $$;

create trigger orders_price_frozen
after update of list_price, unit_price, unit_discount, price_reason, discount_reason, vat_rate, offer_id on orders
for each row when (
    old.unit_price is not null
    and (old.list_price, old.unit_price, old.unit_discount, old.price_reason, old.discount_reason, old.vat_rate, old.offer_id)
        is distinct from
        (new.list_price, new.unit_price, new.unit_discount, new.price_reason, new.discount_reason, new.vat_rate, new.offer_id)
) execute function orders_price_frozen();

-- down
drop trigger orders_price_frozen on orders;
drop function orders_price_frozen();
