-- Invoices and credit notes are numbered without a gap, each kind in a series of its own that begins anew every year.
--
-- The number is the highest one committed so far and one more, read by a fresh statement after the series' row was touched: whoever
-- issues in the same series waits for this transaction to end, and fails under REPEATABLE READ instead of trusting an old snapshot.
-- Nothing is counted ahead, so that what is rolled back (or skipped by ON CONFLICT DO NOTHING) leaves no gap.
create function invoices_gap_free() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    new.series := case new.kind when 'credit_note' then 'CN' else 'INV' end;
    new.year := extract(year from new.issued_on)::integer;
    insert into invoice_series (series, year) values (new.series, new.year)
    on conflict (series, year) do update set year = excluded.year;
    select coalesce(max(sequence), 0) + 1 into new.sequence
      from invoices
     where series = new.series and year = new.year;
    new.number := format('%s-%s-%s', new.series, new.year, lpad(new.sequence::text, greatest(6, length(new.sequence::text)), '0'));
    return new;
end $$;

create trigger invoices_gap_free before insert on invoices for each row execute function invoices_gap_free();

-- down
drop trigger invoices_gap_free on invoices;
drop function invoices_gap_free();
