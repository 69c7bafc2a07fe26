"""Sending an order again under one key: the same answer, one order, and no other body under it."""

import asyncio
import json

import pytest

from rft.database.pool import Database
from rft.web.idempotency import claim
from tests.builders import Db, a_schedule
from tests.conftest import Connect
from tests.features.api import AMINA, Api, a_booker, an_order, everything, problem


def orders(db: Db) -> int:
    return len(db.execute("select from orders").fetchall())


async def test_the_same_request_again_gets_the_same_answer_byte_for_byte(api: Api, db: Db) -> None:
    schedule = a_schedule(db, seats=1)
    first = await api.order(schedule, key="once")
    before = everything(db)
    again = await api.order(schedule, key="once")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert everything(db) == before


@pytest.mark.parametrize(
    "change", [{"seats": 2}, {"payment_method": "invoice", "purchase_order": "PO 7"}, {"attendees": []}]
)
async def test_another_body_under_the_key_is_refused(api: Api, db: Db, change: dict[str, object]) -> None:
    schedule = a_schedule(db)
    assert (await api.order(schedule, key="once")).status_code == 201
    before = everything(db)
    assert problem(await api.order(schedule, key="once", **change)) == (422, "key_reused")
    assert everything(db) == before


async def test_a_key_is_the_callers_own(api: Api, db: Db) -> None:
    schedule = a_schedule(db)
    mine, devs = await api.order(schedule, key="1"), await api.order(schedule, key="1", booker=a_booker("Dev"))
    assert (mine.status_code, devs.status_code) == (201, 201)
    assert mine.json()["reference"] != devs.json()["reference"]
    assert orders(db) == 2


async def test_without_a_key_each_request_is_an_order(api: Api, db: Db) -> None:
    schedule = a_schedule(db)
    assert {(await api.order(schedule)).status_code for _ in range(2)} == {201}
    assert orders(db) == 2


async def test_a_refused_order_may_be_sent_again_under_its_key(api: Api, db: Db) -> None:
    schedule = a_schedule(db, status="draft")
    assert problem(await api.order(schedule, key="once")) == (409, "bookings_on_live_schedule")
    db.execute("update course_schedules set status = 'published'")
    assert (await api.order(schedule, key="once")).status_code == 201


async def test_while_the_first_is_worked_on_the_second_is_told_so(api: Api, db: Db, database: Database) -> None:
    body = json.dumps(an_order(a_schedule(db))).encode()
    async with database.transaction() as elsewhere:
        await claim(elsewhere, caller=f"order {AMINA['email']}", key="once", body=body)
        answer = await api.post_raw("/orders", body, headers={"idempotency-key": "once"})
    assert problem(answer) == (409, "key_in_flight")
    assert orders(db) == 0
    assert (await api.post_raw("/orders", body, headers={"idempotency-key": "once"})).status_code == 201


async def test_of_two_at_once_one_places_the_order(api: Api, db: Db, connect: Connect) -> None:
    schedule, holder = a_schedule(db), connect(autocommit=False)
    holder.execute("lock table bookings in share mode")
    both = [asyncio.create_task(api.order(schedule, key="once")) for _ in range(2)]
    done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    holder.rollback()
    answers = [await one for one in both]
    assert problem(done.pop().result()) == (409, "key_in_flight")
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert orders(db) == 1


@pytest.mark.parametrize("key", ["", "é", "a\tb", "k" * 256, "\x7f"])
async def test_a_key_that_is_none_is_refused(api: Api, db: Db, key: str) -> None:
    schedule = a_schedule(db)
    before = everything(db)
    answer = await api.post("/orders", json=an_order(schedule), headers={b"idempotency-key": key.encode()})
    assert problem(answer) == (422, "idempotency_key_not_valid")
    assert everything(db) == before


@pytest.mark.parametrize("key", ["k" * 255, "a b", "'; drop table orders --", "7"])
async def test_any_other_key_is_taken(api: Api, db: Db, key: str) -> None:
    schedule = a_schedule(db)
    assert len({(await api.order(schedule, key=key)).content for _ in range(2)}) == 1
    assert orders(db) == 1
