"""What the tests of the register begin with: a course that Ben teaches today, with people on it, and marks as a phone makes them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.builders import Db, Row, a_schedule, a_user, confirmed_booking, insert, move_schedule_to_past

NINE = "2027-03-01T09:00:00+00:00"


def a_course_of(db: Db, teacher: Row, *names: str, days: int = 1, course: Row | None = None) -> tuple[Row, list[Row]]:
    """A date that ended an hour ago, spelled out where it has several days, and a paid place for each name."""
    start = datetime(2031, 6, 2, 8)  # noqa: DTZ001 (the columns hold UTC without a zone)
    end = start + timedelta(days=days - 1, hours=7)
    schedule = a_schedule(db, course=course, instructor_id=teacher["id"], start_datetime=start, end_datetime=end)
    for day in range(days if days > 1 else 0):
        begins = start + timedelta(days=day)
        insert(
            db, "schedule_sessions", course_schedule_id=schedule["id"], starts_at=begins, ends_at=begins + timedelta(hours=7)
        )  # fmt: skip
    bookings = [confirmed_booking(db, schedule, user=a_user(db, first_name=name, last_name="Khan")) for name in names]
    return move_schedule_to_past(db, schedule), bookings


def keys_of(db: Db, schedule: Row) -> list[str]:
    """What the days are called in addresses."""
    rows = db.execute(
        "select id from schedule_sessions where course_schedule_id = %s order by starts_at", (schedule["id"],)
    )
    return [str(row["id"]) for row in rows.fetchall()] or [f"date-{schedule['id']}"]


def a_mark(booking: Row, kind: str, *, at: str = NINE, device: str = "Ben's phone", **fields: Any) -> dict[str, Any]:
    """What a device sends; `value` and `replaces` by name."""
    told = {"id": str(uuid4()), "booking": booking["booking_reference"], "kind": kind, "made_at": at, "device": device}
    return told | fields


def outcomes_of(db: Db, course_type: str = "EFAW") -> list[str]:
    rows = db.execute("select code from assessment_outcomes where course_type = %s order by position", (course_type,))
    return [row["code"] for row in rows.fetchall()]


def all_passed(db: Db, booking: Row) -> list[dict[str, Any]]:
    """Identity seen, and every outcome passed."""
    passed = [a_mark(booking, "assessment", value={"outcome": code, "result": "pass"}) for code in outcomes_of(db)]
    return [a_mark(booking, "identity", value={"type": "passport"}), *passed]
