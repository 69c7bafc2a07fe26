"""No way round the register: once one is kept, nobody is completed or certified whom it does not name, by any client at any level."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.builders import (
    Db,
    Row,
    a_course,
    a_payment,
    confirmed_booking,
    insert,
    move_schedule_to_past,
    reload,
    update,
)
from tests.cast import ben
from tests.conftest import Connect
from tests.features.teaching import a_course_of, outcomes_of
from tests.rules.refusing import refused

RULE = "bookings_completed_when_attended"


def mark(db: Db, booking: Row, kind: str, **value: Any) -> None:
    booking = reload(db, "bookings", booking)
    columns = {
        "course_schedule_id": booking["course_schedule_id"],
        "booking_id": booking["id"],
        "made_by": booking["user_id"],
    }
    known = db.execute("select id from register_marks where booking_id = %s and kind = %s", (booking["id"], kind))
    replaces = [row["id"] for row in known.fetchall()] if kind != "assessment" else []
    insert(
        db, "register_marks", id=uuid4(), kind=kind, value=Jsonb(value), device="psql", made_at="2026-01-01", replaces=replaces, **columns
    )  # fmt: skip


def kept(db: Db, booking: Row, *, attendance: str = "present") -> Row:
    """A whole register for this person."""
    mark(db, booking, attendance)
    mark(db, booking, "identity", type="passport")
    for code in outcomes_of(db):
        mark(db, booking, "assessment", outcome=code, result="pass")
    return booking


def absent_here_present_there(db: Db, *, ended: timedelta = timedelta(hours=1)) -> tuple[Row, Row]:
    """Amina missed a course that ended a week ago; the second booking is hers on another run of it, which ended so long ago."""
    course = a_course(db)
    first, (amina,) = a_course_of(db, ben(db), "Amina", course=course)
    second, _ = a_course_of(db, ben(db, email="second@example.com"), course=course)
    place = confirmed_booking(db, second, user={"id": amina["user_id"]}, payment_amount=0)
    move_schedule_to_past(db, reload(db, "course_schedules", first), ended=timedelta(days=7))
    move_schedule_to_past(db, reload(db, "course_schedules", second), ended=ended)
    kept(db, amina, attendance="absent")
    mark(db, place, "present")
    return amina, place


def make_up(db: Db, amina: Row, place: Row) -> None:
    insert(db, "register_make_ups", booking_id=amina["id"], in_booking_id=place["id"], agreed_by=amina["user_id"])


def certify(db: Db, booking: Row, **columns: Any) -> Row:
    """The mark on the booking and the certificate itself, as any client may write them."""
    db.execute(
        "update bookings set certificate_issued = true, certificate_issued_date = current_date where id = %s and not certificate_issued",
        (booking["id"],),
    )
    db.execute(
        "insert into signing_keys (key_id, public_key) values ('a', decode(repeat('00', 32), 'hex')) on conflict do nothing"
    )
    facts = {
        "number": f"RFT-C-00000-00000-{len(db.execute('select from certificates').fetchall()):04}", "booking_id": booking["id"],
        "holder": "Amina", "course_name": "EFAW", "course_type": "EFAW", "hours": 6, "completed_on": date.today(),  # noqa: DTZ011
        "expires_on": "2090-01-01", "trainer": "Ben", "issuer": "RFT", "key_id": "a", "signature": bytes(64),
        "issued_by": booking["user_id"],
    }  # fmt: skip
    return insert(db, "certificates", **{**facts, **columns})


def test_a_day_made_up_elsewhere_completes(db: Db) -> None:
    amina, place = absent_here_present_there(db)
    with refused(RULE):
        update(db, "bookings", amina, status="completed")
    make_up(db, amina, place)
    assert update(db, "bookings", amina, status="completed")["status"] == "completed"


def test_somebody_elses_presence_makes_nothing_up(db: Db) -> None:
    amina, place = absent_here_present_there(db)
    insert(db, "attendees", booking_id=amina["id"], first_name="Amina", last_name="Khan", email="amina@example.com")
    insert(db, "attendees", booking_id=place["id"], first_name="Dev", last_name="Shah", email="dev@example.com")
    make_up(db, amina, place)
    with refused(RULE):
        update(db, "bookings", amina, status="completed")


def test_another_course_makes_nothing_up(db: Db) -> None:
    _, (dev,) = a_course_of(db, ben(db, email="third@example.com"), "Dev")
    amina, _ = absent_here_present_there(db)
    mark(db, dev, "present")
    with refused("register_make_ups_fit"):
        make_up(db, amina, dev)


def test_a_day_that_is_not_over_makes_nothing_up_yet(db: Db) -> None:
    amina, place = absent_here_present_there(db, ended=timedelta(hours=-1))
    make_up(db, amina, place)
    with refused(RULE):
        update(db, "bookings", amina, status="completed")


def test_the_certificate_is_dated_on_the_day_that_was_made_up(db: Db) -> None:
    amina, place = absent_here_present_there(db)
    make_up(db, amina, place)
    update(db, "bookings", amina, status="completed")
    with refused("certificates_only_when_completed"):
        certify(db, amina, completed_on=date.today() - timedelta(days=7))  # noqa: DTZ011
    certify(db, amina)


def test_after_a_revocation_the_register_is_asked_again(db: Db) -> None:
    _, (amina,) = a_course_of(db, ben(db), "Amina")
    update(db, "bookings", kept(db, amina), status="completed")
    certificate = certify(db, amina)
    insert(
        db, "certificate_revocations", certificate_id=certificate["id"], reason="identity", revoked_by=amina["user_id"]
    )
    mark(db, amina, "identity", type="not_seen")
    with refused(RULE):
        certify(db, amina)


def test_no_register_is_begun_once_certificates_went_out_without_one(db: Db) -> None:
    _, (amina, dev) = a_course_of(db, ben(db), "Amina", "Dev")
    update(db, "bookings", amina, status="completed")
    certify(db, amina)
    with refused("registers_begun_in_time"):
        mark(db, dev, "present")


def test_a_register_that_was_begun_takes_marks_after_a_certificate(db: Db) -> None:
    _, (amina, dev) = a_course_of(db, ben(db), "Amina", "Dev")
    kept(db, amina)
    update(db, "bookings", amina, status="completed")
    certify(db, amina)
    mark(db, dev, "absent")


def test_what_was_paid_back_is_not_certified(db: Db) -> None:
    _, (amina,) = a_course_of(db, ben(db), "Amina")
    update(db, "bookings", amina, status="completed")
    with db.transaction():
        a_payment(db, amina, status="refunded")
        update(db, "bookings", amina, payment_status="refunded")
    with refused("certificates_only_when_completed"):
        certify(db, amina)


@pytest.mark.parametrize("level", ["read committed", "repeatable read", "serializable"])
@pytest.mark.parametrize("act", ["complete", "certify"])
def test_an_old_snapshot_does_not_hide_a_new_mark(db: Db, connect: Connect, act: str, level: str) -> None:
    _, (amina,) = a_course_of(db, ben(db), "Amina")
    kept(db, amina)
    if act == "certify":
        update(db, "bookings", amina, status="completed")
        update(db, "bookings", amina, certificate_issued=True, certificate_issued_date=date.today())  # noqa: DTZ011
    other = connect(autocommit=False)
    other.execute(f"set transaction isolation level {level}".encode())
    other.execute("select count(*) from bookings")
    mark(db, amina, "absent")
    with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.SerializationFailure)):
        update(other, "bookings", amina, status="completed") if act == "complete" else certify(other, amina)
