"""What the tests of renewal, evidence and feedback stand on: courses with their qualifications, and certificates that run out."""

from datetime import date, timedelta
from typing import Any

from tests.builders import (
    Db,
    Row,
    a_course,
    a_schedule,
    insert,
    move_schedule_to_past,
    update,
)
from tests.features.mailing import an_order, one


def a_qualified_course(db: Db, qualification: str, **columns: Any) -> Row:
    rule = one(db, "select * from qualification_rules where qualification = %(it)s", it=qualification)
    course = a_course(db, **{"name": rule["name"], "duration_hours": rule["contact_hours"], **columns})
    insert(db, "course_variants", course_id=course["id"], qualification=qualification)
    return course


def trained(db: Db, *people: str, course: Row | None = None, town: str = "Leeds", **columns: Any) -> Row:
    """An order whose people have completed the course, an hour ago."""
    schedule = a_schedule(db, course=course, status="draft", **columns)
    db.execute("update venues set city = %s where id = %s", (town, schedule["venue_id"]))
    waiver = {"missing": "days", "reason": "a test's course is one day long"}
    insert(db, "schedule_waivers", course_schedule_id=schedule["id"], **waiver)
    schedule = update(db, "course_schedules", schedule, status="published")
    order = an_order(db, people=people or ("Amina Khan",), schedule=schedule)
    move_schedule_to_past(db, schedule)
    order["bookings"] = [update(db, "bookings", booking, status="completed") for booking in order["bookings"]]
    return order


def a_certificate(db: Db, booking: Row, expires_on: date, *, number: int = 1) -> Row:
    """One of Amina's, put in by hand: its signature is nobody's."""
    db.execute(
        "insert into signing_keys (key_id, public_key) values ('test', decode(repeat('00', 32), 'hex')) on conflict do nothing"
    )
    update(db, "bookings", booking, certificate_issued=True, certificate_issued_date=date.today())  # noqa: DTZ011 (the day of the database's clock)
    held = one(
        db,
        """
        select attendee.first_name || ' ' || attendee.last_name as holder, course.name as course_name, course.course_type,
               london_day(schedule.end_datetime) as completed_on, course.duration_hours as hours
          from bookings as booking
          join attendees as attendee on attendee.booking_id = booking.id
          join course_schedules as schedule on schedule.id = booking.course_schedule_id
          join courses as course on course.id = schedule.course_id
         where booking.id = %(id)s
        """,
        id=booking["id"],
    )
    facts: dict[str, Any] = {
        "number": f"RFT-C-00000-00000-{number:04}", "booking_id": booking["id"], "expires_on": expires_on, "trainer": "Ben Osei",
        "issuer": "React Fast Training", "key_id": "test", "signature": bytes(64), "issued_by": booking["user_id"],
    }  # fmt: skip
    return insert(db, "certificates", **facts, **held)


def in_days(db: Db, number: int) -> date:
    """A London day from today on."""
    today: date = one(db, "select london_day(utc_clock()) as today")["today"]
    return today + timedelta(days=number)
