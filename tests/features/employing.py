"""What the tests of organisations' own space stand on: trained people, on an organisation's account."""

import base64
import secrets
from datetime import date, timedelta
from typing import Any

from rft.kit.clock import utc_now
from tests.builders import Db, Row, a_schedule, insert, move_schedule_to_past, update
from tests.features.mailing import an_order, one

KEY = secrets.token_bytes(32)


def today(db: Db) -> date:
    found: date = one(db, "select london_day(utc_clock()) as today")["today"]
    return found


def trained_for(
    db: Db, organisation: Row, person: str, *, email: str | None = None, days_left: int = 900, **course: Any
) -> Row:
    """A certificate of somebody whose place stood on the organisation's account."""
    order = an_order(db, people=(person,), schedule=a_schedule(db))
    db.execute("insert into order_organisations values (%s, %s)", (order["id"], organisation["id"]))
    (booking,) = order["bookings"]
    db.execute("update attendees set email = %s where booking_id = %s", (email, booking["id"]))
    return certified(db, booking, person, days_left=days_left, **course)


def certified(db: Db, booking: Row, holder: str, *, days_left: int = 900, **course: Any) -> Row:
    """A certificate as it stands in the books; its signature is no matter here."""
    schedule = one(db, "select * from course_schedules where id = %(id)s", id=booking["course_schedule_id"])
    if schedule["end_datetime"] > utc_now():
        move_schedule_to_past(db, schedule, ended=timedelta(days=10))
    update(db, "bookings", booking, status="completed")
    update(db, "bookings", booking, certificate_issued=True, certificate_issued_date=today(db))
    key_id = base64.urlsafe_b64encode(KEY).decode()[:12]
    db.execute("insert into signing_keys (key_id, public_key) values (%s, %s) on conflict do nothing", (key_id, KEY))
    number = "".join(secrets.choice("0123456789") for _ in range(14))
    defaults = {
        "number": f"RFT-C-{number[:5]}-{number[5:10]}-{number[10:]}", "booking_id": booking["id"], "holder": holder,
        "course_name": "Emergency First Aid at Work", "course_type": "EFAW", "hours": 6, "completed_on": today(db) - timedelta(days=9),
        "expires_on": today(db) + timedelta(days=days_left), "trainer": "Ben Osei", "issuer": "React Fast Training",
        "key_id": key_id, "signature": bytes(64), "issued_by": booking["user_id"],
    }  # fmt: skip
    return insert(db, "certificates", **{**defaults, **course})


def a_site(db: Db, organisation: Row, name: str = "Mill Lane") -> Row:
    return insert(db, "organisation_sites", organisation_id=organisation["id"], name=name)


def a_person(db: Db, organisation: Row, name: str, **columns: Any) -> Row:
    first_name, _, last_name = name.partition(" ")
    return insert(
        db,
        "organisation_people",
        organisation_id=organisation["id"],
        first_name=first_name,
        last_name=last_name,
        **columns,
    )


def needs(db: Db, site: Row, needed: int, course_type: str = "EFAW") -> None:
    db.execute(
        "insert into site_cover (organisation_id, site_id, course_type, needed) values (%s, %s, %s, %s)",
        (site["organisation_id"], site["id"], course_type, needed),
    )
