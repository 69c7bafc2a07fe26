"""Each of the five rules is refused by its own class: when the service asks first, and when the database decides alone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from rft.audit.service import Actor
from rft.bookings.errors import ScheduleFull
from rft.bookings.schemas import OrderRequest
from rft.bookings.service import PlacedOrder, place_order
from rft.certificates.errors import CourseNotCompleted
from rft.certificates.service import complete_booking, issue_certificate
from rft.database.pool import Database
from rft.discounts.errors import DiscountNotValid
from rft.errors import Refusal
from rft.kit.clock import utc_now
from rft.payments import api as payments
from rft.payments.errors import PaymentNotConfirmed
from rft.schedules.errors import VenueTaken
from rft.schedules.schemas import ScheduleRequest
from rft.schedules.service import create_schedule
from rft.settings import Settings
from tests.builders import (
    FIRST_MONDAY,
    Db,
    Row,
    a_booking,
    a_discount_code,
    a_payment,
    a_schedule,
    confirmed_booking,
    update,
)
from tests.cast import carol
from tests.features.api import a_run, an_order, ask_nothing, everything

RULES = {
    ScheduleFull: ("bookings_within_capacity", 409),
    VenueTaken: ("course_schedules_no_venue_overlap", 409),
    DiscountNotValid: ("bookings_discount_valid", 422),
    PaymentNotConfirmed: ("bookings_confirmed_only_when_paid", 409),
    CourseNotCompleted: ("bookings_certificate_after_completion", 409),
}
DRIVERS_WORDS = ("constraint", "violates", "relation", "psycopg", "Key (", "DETAIL", "CONTEXT")


@pytest.fixture(params=["the service asks", "the database decides"], autouse=True)
def judge(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "the database decides":
        ask_nothing(monkeypatch)
    return str(request.param)


@contextmanager
def refused(db: Db, kind: type[Refusal]) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    """By exactly this class, under the rule's name, in a sentence for a person; and no row of any table is touched."""
    before = everything(db)
    with pytest.raises(Refusal) as caught:
        yield caught
    refusal = caught.value
    assert type(refusal) is kind
    assert (refusal.code, refusal.status) == RULES[kind]
    assert re.fullmatch(r"[A-Z£].+\.", refusal.detail)
    assert not [word for word in DRIVERS_WORDS if word in refusal.detail]
    assert everything(db) == before


async def book(database: Database, schedule: Row, **fields: Any) -> PlacedOrder:
    asked = OrderRequest.model_validate(an_order(schedule, **fields))
    return await database.run(lambda db: place_order(db, asked, now=utc_now(), hold_minutes=30), in_transaction=False)


async def test_a_full_date_takes_no_further_booking(database: Database, db: Db) -> None:
    schedule = a_schedule(db, seats=1)
    await book(database, schedule)
    with refused(db, ScheduleFull) as caught:
        await book(database, schedule)
    assert caught.value.facts == {"seats_left": 0}


async def test_two_seats_are_not_had_where_one_is_left(database: Database, db: Db) -> None:
    schedule = a_schedule(db, seats=2)
    a_booking(db, schedule)
    with refused(db, ScheduleFull):
        await book(database, schedule, seats=2)


@pytest.mark.parametrize("sessions", [False, True], ids=["whole span", "session"])
async def test_a_venue_holds_one_date_at_a_time(database: Database, db: Db, sessions: bool) -> None:
    there = a_schedule(db, start_datetime=FIRST_MONDAY)
    run = a_run({"id": there["course_id"]}, {"id": there["venue_id"]}, start=FIRST_MONDAY + timedelta(hours=6))
    if sessions:
        run["sessions"] = [{"start": run["start"], "end": run["end"]}]
    asked, actor = ScheduleRequest.model_validate(run), Actor(carol(db)["id"])
    with refused(db, VenueTaken):
        await database.run(lambda db: create_schedule(db, actor, asked))


@pytest.mark.parametrize(
    "terms",
    [
        {"valid_until": FIRST_MONDAY.date().replace(year=2020), "valid_from": FIRST_MONDAY.date().replace(year=2019)},
        {"is_active": False},
        {"usage_limit": 0},
        {"course_type_restriction": "FAW"},
        {"min_purchase_amount": Decimal("75.01")},
    ],
    ids=lambda terms: "-".join(terms),
)
async def test_a_code_that_is_not_valid_takes_nothing_off(database: Database, db: Db, terms: dict[str, Any]) -> None:
    code, schedule = a_discount_code(db, **terms), a_schedule(db)
    with refused(db, DiscountNotValid) as caught:
        await book(database, schedule, discount_code=code["code"])
    assert caught.value.detail == "This discount code cannot be used for this booking."


async def test_a_code_is_not_used_more_often_than_it_may_be(database: Database, db: Db) -> None:
    code = a_discount_code(db, usage_limit=2)
    await book(database, a_schedule(db), discount_code=code["code"])
    schedule = a_schedule(db)
    with refused(db, DiscountNotValid):
        await book(database, schedule, discount_code=code["code"], seats=2)


@pytest.mark.parametrize("paid", ["0.00", "74.99"])
async def test_a_booking_that_is_not_paid_is_not_confirmed(database: Database, db: Db, paid: str) -> None:
    booking = a_booking(db, a_schedule(db))
    if Decimal(paid):
        a_payment(db, booking, Decimal(paid))
    with refused(db, PaymentNotConfirmed):
        await database.run(lambda db: payments.confirm_booking(db, booking["id"]))


async def test_a_booking_is_not_completed_before_the_course_is_over(
    database: Database, db: Db, judge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    booking, actor = confirmed_booking(db, a_schedule(db)), Actor(carol(db)["id"])
    # Whose clock is wrong gets past the service's question.
    now = utc_now() if judge == "the service asks" else FIRST_MONDAY.replace(year=2199)
    with refused(db, CourseNotCompleted):
        await database.run(lambda db: complete_booking(db, actor, booking["booking_reference"], now=now))


@pytest.mark.parametrize("status", ["pending", "confirmed", "no_show", "cancelled"])
async def test_a_certificate_is_not_issued_without_completion(
    database: Database, db: Db, settings: Settings, status: str
) -> None:
    schedule, actor = a_schedule(db), Actor(carol(db)["id"])
    booking = a_booking(db, schedule) if status == "pending" else confirmed_booking(db, schedule)
    if status in ("no_show", "cancelled"):
        update(db, "course_schedules", schedule, start_datetime="2026-01-05 09:00", end_datetime="2026-01-05 16:00")
        update(db, "bookings", booking, status=status)
    with refused(db, CourseNotCompleted):
        await database.run(
            lambda db: issue_certificate(db, actor, booking["booking_reference"], settings=settings, now=utc_now())
        )
