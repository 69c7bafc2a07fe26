"""A whole date is cancelled: previewed, done once, everybody told; what cannot be done says why and is left whole."""

from typing import Any

import pytest

from rft.changes.dates import finish_cancellation
from rft.database.pool import Database
from rft.errors import Busy
from rft.kit.clock import utc_now
from rft.payments.gateway import Gateway
from rft.settings import Settings
from tests.builders import Db, Row, a_booking, a_course, completed_booking, confirm
from tests.features.browser import Browser
from tests.features.changes.changing import bought, dated, owed, queued, references, standing
from tests.features.checkout.shopping import words
from tests.features.mailing import one, rows

REASON = "Our instructor is ill."


def page_of(schedule: Row) -> str:
    return f"/office/schedules/{schedule['id']}/cancellation"


async def begin(office: Browser, schedule: Row, *, reason: str = REASON, **places: str) -> Any:
    fields = {f"place_{reference}": what for reference, what in places.items()}
    return await office.send_form(page_of(schedule), page="/office", reason=reason, **fields)


async def finish(database: Database, settings: Settings, schedule: Row) -> None:
    async with Gateway(settings) as gateway:
        await finish_cancellation(database, gateway, schedule["id"], now=utc_now())


def steps(db: Db) -> list[str]:
    return [row["state"] for row in rows(db, "select state from schedule_cancellation_steps order by booking_id")]


async def test_everybody_is_moved_or_gets_everything_back(
    db: Db, office: Browser, database: Database, settings: Settings
) -> None:
    course = a_course(db)
    here, there = dated(db, 3, course=course), dated(db, 30, course=course)
    amina, bilal = bought(db, here, people=("Amina Khan", None)), bought(db, here)
    preview = words((await office.get(page_of(here))).text)
    assert "3 places taken; £225.00 goes back if nobody is moved." in preview
    answer = await begin(office, here, **{references(bilal)[0]: str(there["id"])})
    assert answer.headers["location"] == page_of(here)
    assert (await office.get(page_of(here))).headers["refresh"] == "3"
    assert one(db, "select status from course_schedules where id = %(id)s", id=here["id"]) == {"status": "cancelled"}
    await finish(database, settings, here)
    await finish(database, settings, here)
    assert (standing(db, amina), standing(db, bilal)) == (["cancelled"] * 2, ["confirmed"])
    assert owed(db) == [("75.00", "cancelled_by_us")] * 2
    assert queued(db, "notifications.send_booking_cancelled") + queued(db, "notifications.send_booking_moved") == 2
    assert "All places are seen to" in (await office.get(page_of(here))).text


async def test_without_a_reason_nothing_begins(db: Db, office: Browser) -> None:
    here = dated(db, 30)
    bought(db, here)
    assert (await begin(office, here, reason=" ")).status_code == 422
    assert one(db, "select status from course_schedules") == {"status": "published"}


async def test_asked_twice_it_is_one_act(db: Db, office: Browser) -> None:
    here = dated(db, 30)
    bought(db, here)
    for reason in (REASON, "Another reason"):
        assert (await begin(office, here, reason=reason)).status_code == 303
    assert one(db, "select reason from schedule_cancellations") == {"reason": REASON}
    assert len(rows(db, "select from admin_activity_logs")) == 1


async def test_a_place_that_cannot_be_moved_says_why_and_waits_for_carol(
    db: Db, office: Browser, database: Database, settings: Settings
) -> None:
    course = a_course(db)
    here, there = dated(db, 3, course=course), dated(db, 30, course=course, seats=1)
    order = bought(db, here, people=("Amina Khan", "Bilal Khan"))
    await begin(office, here, **dict.fromkeys(references(order), str(there["id"])))
    await finish(database, settings, here)
    assert (steps(db), standing(db, order), owed(db)) == (["moved", "stuck"], ["confirmed"] * 2, [])
    assert "There is no place left on that date" in (await office.get(page_of(here))).text
    await office.send_form(f"{page_of(here)}/places/{references(order)[1]}", page="/office", move_to="refund")
    await finish(database, settings, here)
    assert (steps(db), owed(db)) == (["moved", "cancelled"], [("75.00", "cancelled_by_us")])


async def test_who_gave_up_before_gets_what_the_terms_said_and_no_more(
    db: Db, office: Browser, database: Database, settings: Settings
) -> None:
    here = dated(db, 20)
    order = bought(db, here)
    await begin(office, here)
    page = f"/office/bookings/{references(order)[0]}/cancel"
    await office.send_form(
        page, page=page, who="customer", reason="Asked", **{f"refund_{references(order)[0]}": "37.50"}
    )
    await finish(database, settings, here)
    assert (steps(db), owed(db)) == (["gone"], [("37.50", "cancelled_by_customer")])


async def test_an_interrupted_act_goes_on_where_it_stopped(
    db: Db, office: Browser, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = dated(db, 20)
    orders = [bought(db, here) for _ in range(3)]
    confirm(db, a_booking(db, here))
    await begin(office, here)
    seen: list[object] = []

    async def cut(*arguments: Any) -> None:
        seen.append(arguments)
        if len(seen) == 2:
            raise Busy

    monkeypatch.setattr("rft.changes.dates.close_pages", cut)
    with pytest.raises(Busy):
        await finish(database, settings, here)
    assert steps(db).count("waiting") == 3
    await finish(database, settings, here)
    assert [standing(db, order) for order in orders] == [["cancelled"]] * 3
    assert owed(db) == [("75.00", "cancelled_by_us")] * 4


async def test_a_date_that_was_held_stays(db: Db, office: Browser) -> None:
    schedule = dated(db, 20)
    completed_booking(db, schedule)
    assert (await begin(office, schedule)).status_code == 409
    assert rows(db, "select from schedule_cancellations") == []
