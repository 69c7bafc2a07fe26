"""Each night: what sixteen shards counted on days gone by becomes one row."""

from rft import jobs

_FOLD = (
    """
    with gone as (delete from booking_days where day < current_date - 2 and shard <> 0
                  returning day, was, became, lead, bookings)
    insert into booking_days as known (day, was, became, lead, shard, bookings)
    select day, was, became, lead, 0, sum(bookings) from gone group by 1, 2, 3, 4
    on conflict on constraint booking_days_pkey do update set bookings = known.bookings + excluded.bookings
    """,
    """
    with gone as (delete from occupancy_months where shard <> 0
                  returning month, course_id, venue_id, instructor_id, dates, seats, taken)
    insert into occupancy_months as known (month, course_id, venue_id, instructor_id, shard, dates, seats, taken)
    select month, course_id, venue_id, instructor_id, 0, sum(dates), sum(seats), sum(taken) from gone group by 1, 2, 3, 4
    on conflict on constraint occupancy_months_pkey do update
       set dates = known.dates + excluded.dates, seats = known.seats + excluded.seats, taken = known.taken + excluded.taken
    """,
    """
    with gone as (delete from customer_days where day < current_date - 2 and shard <> 0 returning *)
    insert into customer_days as known (day, shard, customers, came_back, received_first_day, received, returned)
    select day, 0, sum(customers), sum(came_back), sum(received_first_day), sum(received), sum(returned) from gone group by 1
    on conflict on constraint customer_days_pkey do update
       set customers = known.customers + excluded.customers, came_back = known.came_back + excluded.came_back,
           received_first_day = known.received_first_day + excluded.received_first_day,
           received = known.received + excluded.received, returned = known.returned + excluded.returned
    """,
)


@jobs.task("reports.fold_shards", every="40 2 * * *")
async def fold_shards(context: jobs.Context) -> None:
    """Whatever is counted for those days later goes to a shard again, and is folded the next night."""
    for statement in _FOLD:
        async with context.database.connection() as db:
            await db.execute(statement)
