-- The sums that reports read are kept by the database, in the transaction of whatever they count: a page never adds up the tables.
--
-- Money counts on the London day of its ledger row, for the course, venue and instructor that its date has now: a date that is moved
-- takes its money along. Whoever writes money holds its booking and, shared, an advisory lock (class 7302) of its date; whoever
-- changes what the date is takes that lock alone, so neither misses the other.
create function figures_shard() returns smallint
language sql volatile as $$ select (pg_backend_pid() % 16)::smallint $$;

create function figures_month(day date) returns date
language sql immutable as $$ select date_trunc('month', day::timestamp)::date $$;

-- How long before its date a booking is made, as the first day of a bracket: of the day itself, of one or two days, of three to six, ...
create function lead_bracket(days integer) returns integer
language sql immutable as $$
    select case when days >= 112 then 112 when days >= 56 then 56 when days >= 28 then 28 when days >= 14 then 14
                when days >= 7 then 7 when days >= 3 then 3 when days >= 1 then 1 else 0 end
$$;

create function add_revenue(on_day date, course integer, venue integer, instructor integer, more_received numeric, more_returned numeric,
                            more_payments integer, more_refunds integer) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into revenue_days as known (day, course_id, venue_id, instructor_id, received, returned, payments, refunds)
    values (on_day, course, venue, coalesce(instructor, 0), more_received, more_returned, more_payments, more_refunds)
    on conflict on constraint revenue_days_pkey do update
       set received = known.received + excluded.received, returned = known.returned + excluded.returned,
           payments = known.payments + excluded.payments, refunds = known.refunds + excluded.refunds;
    insert into revenue_months as known (month, course_id, venue_id, instructor_id, received, returned, payments, refunds)
    values (figures_month(on_day), course, venue, coalesce(instructor, 0), more_received, more_returned, more_payments, more_refunds)
    on conflict on constraint revenue_months_pkey do update
       set received = known.received + excluded.received, returned = known.returned + excluded.returned,
           payments = known.payments + excluded.payments, refunds = known.refunds + excluded.refunds;
end $$;

create function money_counted() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    booking record;
    schedule record;
    on_day constant date := london_day(new.created_at);
    received constant numeric := case new.status when 'succeeded' then new.amount else 0 end;
    returned constant numeric := case new.status when 'refunded' then new.amount else 0 end;
begin
    select found.user_id, found.course_schedule_id into booking from bookings as found where found.id = new.booking_id for no key update;
    if not found then
        return null; -- the foreign key refuses it in its own words
    end if;
    perform pg_advisory_xact_lock_shared(7302, booking.course_schedule_id);
    if current_setting('transaction_isolation') <> 'read committed' then
        -- An old snapshot must not be trusted: this fails where the date has changed since.
        perform from course_schedules where id = booking.course_schedule_id for share;
    end if;
    select found.course_id, found.venue_id, found.instructor_id into schedule from course_schedules as found
     where found.id = booking.course_schedule_id;
    perform add_revenue(on_day, schedule.course_id, schedule.venue_id, schedule.instructor_id, received, returned,
                        (received > 0)::integer, (returned > 0)::integer);

    if new.status = 'refunded' then
        update customer_figures as known set returned = known.returned + new.amount where known.user_id = booking.user_id;
        return null;
    end if;
    insert into customer_figures as known (user_id, first_day, received_first_day, came_back, received, returned)
    values (booking.user_id, on_day, new.amount, false, new.amount, 0)
    on conflict on constraint customer_figures_pkey do update
       set first_day = least(known.first_day, excluded.first_day),
           received_first_day = case when excluded.first_day = known.first_day then known.received_first_day + excluded.received
                                     when excluded.first_day < known.first_day then excluded.received
                                     else known.received_first_day end,
           came_back = known.came_back or excluded.first_day <> known.first_day,
           received = known.received + excluded.received;
    return null;
end $$;

create trigger payment_transactions_money_counted after insert on payment_transactions
for each row when (new.status in ('succeeded', 'refunded')) execute function money_counted();

-- Takes what was counted for bookings from one date's course, venue and instructor to another's.
create function carry_revenue(of_bookings integer[], old_course integer, old_venue integer, old_instructor integer,
                              new_course integer, new_venue integer, new_instructor integer) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    money record;
begin
    for money in
        select london_day(entry.created_at) as day,
               coalesce(sum(entry.amount) filter (where entry.status = 'succeeded'), 0) as received,
               coalesce(sum(entry.amount) filter (where entry.status = 'refunded'), 0) as returned,
               count(*) filter (where entry.status = 'succeeded') as payments,
               count(*) filter (where entry.status = 'refunded') as refunds
          from payment_transactions as entry
         where entry.booking_id = any (of_bookings) and entry.status in ('succeeded', 'refunded')
         group by london_day(entry.created_at)
         order by day
    loop
        perform add_revenue(money.day, old_course, old_venue, old_instructor, -money.received, -money.returned,
                            -money.payments::integer, -money.refunds::integer);
        perform add_revenue(money.day, new_course, new_venue, new_instructor, money.received, money.returned,
                            money.payments::integer, money.refunds::integer);
    end loop;
end $$;

create function schedule_carries_its_money() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform pg_advisory_xact_lock(7302, new.id);
    perform carry_revenue(array(select booking.id from bookings as booking where booking.course_schedule_id = new.id),
                          old.course_id, old.venue_id, old.instructor_id, new.course_id, new.venue_id, new.instructor_id);
    return null;
end $$;

create trigger course_schedules_carry_their_money after update on course_schedules
for each row when ((old.course_id, old.venue_id, old.instructor_id) is distinct from (new.course_id, new.venue_id, new.instructor_id))
execute function schedule_carries_its_money();

create function booking_carries_its_money() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    before record;
    after record;
begin
    if old.course_schedule_id <> new.course_schedule_id then
        perform pg_advisory_xact_lock_shared(7302, least(old.course_schedule_id, new.course_schedule_id));
        perform pg_advisory_xact_lock_shared(7302, greatest(old.course_schedule_id, new.course_schedule_id));
        select course_id, venue_id, instructor_id into before from course_schedules where id = old.course_schedule_id;
        select course_id, venue_id, instructor_id into after from course_schedules where id = new.course_schedule_id;
        perform carry_revenue(array[new.id], before.course_id, before.venue_id, before.instructor_id,
                              after.course_id, after.venue_id, after.instructor_id);
    end if;
    if old.user_id <> new.user_id then
        perform refigure_customer(least(old.user_id, new.user_id));
        perform refigure_customer(greatest(old.user_id, new.user_id));
    end if;
    return null;
end $$;

create trigger bookings_carry_their_money after update on bookings
for each row when (old.course_schedule_id <> new.course_schedule_id or old.user_id <> new.user_id)
execute function booking_carries_its_money();

-- What the ledger says of each customer. A view, so that the count from nothing and the audit ask the same question.
create view customers_by_the_ledger as
select paid.user_id, paid.first_day, sum(paid.received) filter (where paid.day = paid.first_day) as received_first_day,
       bool_or(paid.received > 0 and paid.day <> paid.first_day) as came_back, sum(paid.received) as received, sum(paid.returned) as returned
  from (select days.*, min(days.day) filter (where days.received > 0) over (partition by days.user_id) as first_day
          from (select booking.user_id, london_day(entry.created_at) as day,
                       coalesce(sum(entry.amount) filter (where entry.status = 'succeeded'), 0) as received,
                       coalesce(sum(entry.amount) filter (where entry.status = 'refunded'), 0) as returned
                  from payment_transactions as entry
                  join bookings as booking on booking.id = entry.booking_id
                 where entry.status in ('succeeded', 'refunded')
                 group by booking.user_id, london_day(entry.created_at)) as days) as paid
 where paid.first_day is not null
 group by paid.user_id, paid.first_day;

create function refigure_customer(of_user integer) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
    perform from customer_figures where user_id = of_user for update;
    insert into customer_figures as known (user_id, first_day, received_first_day, came_back, received, returned)
    select told.user_id, told.first_day, told.received_first_day, told.came_back, told.received, told.returned
      from customers_by_the_ledger as told where told.user_id = of_user
    on conflict on constraint customer_figures_pkey do update
       set first_day = excluded.first_day, received_first_day = excluded.received_first_day, came_back = excluded.came_back,
           received = excluded.received, returned = excluded.returned;
    if not found then
        delete from customer_figures where user_id = of_user;
    end if;
end $$;

create function add_customer(one customer_figures, times integer) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into customer_days as known (day, shard, customers, came_back, received_first_day, received, returned)
    values (one.first_day, figures_shard(), times, times * one.came_back::integer, times * one.received_first_day,
            times * one.received, times * one.returned)
    on conflict on constraint customer_days_pkey do update
       set customers = known.customers + excluded.customers, came_back = known.came_back + excluded.came_back,
           received_first_day = known.received_first_day + excluded.received_first_day,
           received = known.received + excluded.received, returned = known.returned + excluded.returned;
end $$;

create function customers_counted() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if tg_op <> 'INSERT' then
        perform add_customer(old, -1);
    end if;
    if tg_op <> 'DELETE' then
        perform add_customer(new, 1);
    end if;
    return null;
end $$;

create trigger customer_figures_counted after insert or update or delete on customer_figures
for each row execute function customers_counted();

-- Bookings: each is counted when it is made, and again whenever its status changes.
create function bookings_made_counted() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into booking_days as known (day, was, became, lead, shard, bookings)
    select london_day(made.created_at), '', made.status, lead_bracket(london_day(schedule.start_datetime) - london_day(made.created_at)),
           figures_shard(), count(*)
      from made
      join course_schedules as schedule on schedule.id = made.course_schedule_id
     group by 1, 3, 4
     order by 1, 3, 4
    on conflict on constraint booking_days_pkey do update set bookings = known.bookings + excluded.bookings;
    return null;
end $$;

create trigger bookings_made_counted after insert on bookings
referencing new table as made for each statement execute function bookings_made_counted();

create function add_bookings(on_day date, came_from text, went_to text, days_ahead integer, times integer) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into booking_days as known (day, was, became, lead, shard, bookings)
    values (on_day, came_from, went_to, days_ahead, figures_shard(), times)
    on conflict on constraint booking_days_pkey do update set bookings = known.bookings + excluded.bookings;
end $$;

create function bookings_changed_counted() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform add_bookings(london_day(utc_clock()), old.status, new.status, 0, 1);
    return null;
end $$;

create trigger bookings_changed_counted after update on bookings
for each row when (old.status <> new.status) execute function bookings_changed_counted();

create function bookings_redated_counted() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    starts date;
begin
    select london_day(start_datetime) into starts from course_schedules where id = new.course_schedule_id;
    perform add_bookings(london_day(old.created_at), '', old.status, lead_bracket(starts - london_day(old.created_at)), -1);
    perform add_bookings(london_day(new.created_at), '', old.status, lead_bracket(starts - london_day(new.created_at)), 1);
    return null;
end $$;

create trigger bookings_redated_counted after update on bookings
for each row when (old.created_at <> new.created_at) execute function bookings_redated_counted();

-- Occupancy: a live date counts in the month in which it begins, with the smaller of its course's and its venue's capacity.
create function add_occupancy(on_day date, course integer, venue integer, instructor integer, more_dates integer, more_seats integer,
                              more_taken integer) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
    insert into occupancy_months as known (month, course_id, venue_id, instructor_id, shard, dates, seats, taken)
    values (figures_month(on_day), course, venue, coalesce(instructor, 0), figures_shard(), more_dates, more_seats, more_taken)
    on conflict on constraint occupancy_months_pkey do update
       set dates = known.dates + excluded.dates, seats = known.seats + excluded.seats, taken = known.taken + excluded.taken;
end $$;

create function count_schedule(one course_schedules, times integer) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    seat_limit integer;
begin
    if one.status not in ('published', 'full') then
        return;
    end if;
    select least(course.max_capacity, venue.capacity) into seat_limit
      from courses as course, venues as venue where course.id = one.course_id and venue.id = one.venue_id;
    perform add_occupancy(london_day(one.start_datetime), one.course_id, one.venue_id, one.instructor_id,
                          times, times * seat_limit, times * one.current_capacity);
end $$;

create function schedules_counted() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if tg_op <> 'INSERT' then
        perform count_schedule(old, -1);
    end if;
    if tg_op <> 'DELETE' then
        perform count_schedule(new, 1);
    end if;
    return null;
end $$;

create function seats_counted() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform add_occupancy(london_day(new.start_datetime), new.course_id, new.venue_id, new.instructor_id, 0, 0,
                          new.current_capacity - old.current_capacity);
    return null;
end $$;

create trigger course_schedules_counted_made after insert or delete on course_schedules for each row execute function schedules_counted();

create trigger course_schedules_counted_changed after update on course_schedules
for each row when ((old.course_id, old.venue_id, old.instructor_id, old.start_datetime, old.status in ('published', 'full'))
       is distinct from (new.course_id, new.venue_id, new.instructor_id, new.start_datetime, new.status in ('published', 'full')))
execute function schedules_counted();

create trigger course_schedules_counted_seats after update on course_schedules
for each row when (old.current_capacity <> new.current_capacity and new.status in ('published', 'full')
      and (old.course_id, old.venue_id, old.instructor_id, old.start_datetime, old.status in ('published', 'full'))
       is not distinct from (new.course_id, new.venue_id, new.instructor_id, new.start_datetime, new.status in ('published', 'full')))
execute function seats_counted();

create function capacity_counted() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    was record;
begin
    for was in
        select london_day(schedule.start_datetime) as day, schedule.course_id, schedule.venue_id, schedule.instructor_id,
               sum(case tg_table_name
                   when 'courses' then least((to_jsonb(new) ->> 'max_capacity')::integer, venue.capacity)
                                     - least((to_jsonb(old) ->> 'max_capacity')::integer, venue.capacity)
                   else least(course.max_capacity, (to_jsonb(new) ->> 'capacity')::integer)
                        - least(course.max_capacity, (to_jsonb(old) ->> 'capacity')::integer) end)::integer as more
          from course_schedules as schedule
          join courses as course on course.id = schedule.course_id
          join venues as venue on venue.id = schedule.venue_id
         where schedule.status in ('published', 'full')
           and case tg_table_name when 'courses' then schedule.course_id = new.id else schedule.venue_id = new.id end
         group by 1, 2, 3, 4
    loop
        perform add_occupancy(was.day, was.course_id, was.venue_id, was.instructor_id, 0, was.more, 0);
    end loop;
    return null;
end $$;

create trigger courses_capacity_counted after update on courses
for each row when (old.max_capacity <> new.max_capacity) execute function capacity_counted();

create trigger venues_capacity_counted after update on venues
for each row when (old.capacity <> new.capacity) execute function capacity_counted();

-- The same sums from nothing, for what was there before them and for rows that were copied in with the triggers off. What status a
-- booking passed through is not known any more: it is taken to have gone from pending to where it is, when it was last changed.
create function rebuild_figures() returns void
language plpgsql set search_path = public, pg_temp as $$
begin
    lock table bookings, payment_transactions, course_schedules in share row exclusive mode;
    truncate revenue_days, revenue_months, booking_days, occupancy_months, customer_figures, customer_days;
    insert into revenue_days
    select london_day(entry.created_at), schedule.course_id, schedule.venue_id, coalesce(schedule.instructor_id, 0),
           coalesce(sum(entry.amount) filter (where entry.status = 'succeeded'), 0),
           coalesce(sum(entry.amount) filter (where entry.status = 'refunded'), 0),
           count(*) filter (where entry.status = 'succeeded'), count(*) filter (where entry.status = 'refunded')
      from payment_transactions as entry
      join bookings as booking on booking.id = entry.booking_id
      join course_schedules as schedule on schedule.id = booking.course_schedule_id
     where entry.status in ('succeeded', 'refunded')
     group by 1, 2, 3, 4;
    insert into revenue_months
    select figures_month(day), course_id, venue_id, instructor_id, sum(received), sum(returned), sum(payments), sum(refunds)
      from revenue_days group by 1, 2, 3, 4;
    insert into booking_days
    select moved.day, moved.was, moved.became, moved.lead, 0, count(*)
      from bookings as booking
      join course_schedules as schedule on schedule.id = booking.course_schedule_id
     cross join lateral (
           select london_day(booking.created_at) as day, '' as was, 'pending' as became,
                  lead_bracket(london_day(schedule.start_datetime) - london_day(booking.created_at)) as lead
           union all
           select london_day(booking.updated_at), 'pending', booking.status, 0 where booking.status <> 'pending') as moved
     group by 1, 2, 3, 4;
    insert into occupancy_months
    select figures_month(london_day(schedule.start_datetime)), schedule.course_id, schedule.venue_id, coalesce(schedule.instructor_id, 0), 0,
           count(*), sum(least(course.max_capacity, venue.capacity)), sum(schedule.current_capacity)
      from course_schedules as schedule
      join courses as course on course.id = schedule.course_id
      join venues as venue on venue.id = schedule.venue_id
     where schedule.status in ('published', 'full')
     group by 1, 2, 3, 4;
    alter table customer_figures disable trigger customer_figures_counted;
    insert into customer_figures
    select user_id, first_day, received_first_day, came_back, received, returned from customers_by_the_ledger;
    alter table customer_figures enable trigger customer_figures_counted;
    insert into customer_days
    select first_day, 0, count(*), count(*) filter (where came_back), sum(received_first_day), sum(received), sum(returned)
      from customer_figures group by first_day;
end $$;

-- down
drop function rebuild_figures();
drop trigger venues_capacity_counted on venues;
drop trigger courses_capacity_counted on courses;
drop function capacity_counted();
drop trigger course_schedules_counted_seats on course_schedules;
drop trigger course_schedules_counted_changed on course_schedules;
drop trigger course_schedules_counted_made on course_schedules;
drop function seats_counted();
drop function schedules_counted();
drop function count_schedule(course_schedules, integer);
drop function add_occupancy(date, integer, integer, integer, integer, integer, integer);
drop trigger bookings_redated_counted on bookings;
drop function bookings_redated_counted();
drop trigger bookings_changed_counted on bookings;
drop function bookings_changed_counted();
drop function add_bookings(date, text, text, integer, integer);
drop trigger bookings_made_counted on bookings;
drop function bookings_made_counted();
drop trigger customer_figures_counted on customer_figures;
drop function customers_counted();
drop function add_customer(customer_figures, integer);
drop trigger bookings_carry_their_money on bookings;
drop function booking_carries_its_money();
drop function refigure_customer(integer);
drop view customers_by_the_ledger;
drop trigger course_schedules_carry_their_money on course_schedules;
drop function schedule_carries_its_money();
drop function carry_revenue(integer[], integer, integer, integer, integer, integer, integer);
drop trigger payment_transactions_money_counted on payment_transactions;
drop function money_counted();
drop function add_revenue(date, integer, integer, integer, numeric, numeric, integer, integer);
drop function lead_bracket(integer);
drop function figures_month(date);
drop function figures_shard();
