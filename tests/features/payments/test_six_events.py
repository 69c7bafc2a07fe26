"""The six events of a payment in any order, once, twice and at once. `python -m benchmarks.money_flows --all-orders` tells all 720."""

import random

from benchmarks.money_flows import run_all_orders, run_flows
from benchmarks.six_events import ALL_ORDERS, STORIES, WAYS

SAMPLE = 4


async def test_in_whatever_order_six_events_arrive_the_end_is_the_same_and_right(database_url: str) -> None:
    endings = await run_all_orders(database_url, orders=random.Random(3).sample(ALL_ORDERS, SAMPLE))
    assert {story: sum(found.values()) for story, found in endings.items()} == {
        story.__name__: SAMPLE * len(WAYS) for story in STORIES
    }
    for found in endings.values():
        [end] = found
        assert "{'disputes': ['needs_response']" in end
        assert "'books_agree': True, 'unsettled': 0" in end


async def test_whatever_customers_office_and_the_line_do_both_books_say_the_same(database_url: str) -> None:
    world = await run_flows(database_url, flows=60, seed=7)
    assert world.wrong == []
    assert world.done["at Stripe: paid"] > 20
