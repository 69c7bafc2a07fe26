"""The register over the API: marks are kept once, two devices merge without loss, and only the day's own trainer sees it."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as some

from rft.attendance.rules import Mark, merge
from rft.kit.clock import from_iso
from tests.builders import Db, Row, a_schedule, a_user, confirmed_booking, insert
from tests.cast import amina, ben, carol, dev
from tests.features.api import Api, a_token, bearer, problem
from tests.features.teaching import NINE, a_course_of, a_mark, keys_of

LATER = "2027-03-01T10:00:00+00:00"


@pytest.fixture
def teacher(db: Db) -> Row:
    return ben(db)


@pytest.fixture
def phone(api: Api, db: Db, teacher: Row) -> Api:
    api.headers.update(bearer(a_token(db, teacher)))
    return api


async def send(phone: Api, key: str, *marks: dict[str, Any]) -> dict[str, Any]:
    answer = await phone.put(f"/instructor/sessions/{key}/register", json={"marks": list(marks)})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_ben_marks_amina_and_a_repeated_batch_changes_nothing(phone: Api, db: Db, teacher: Row) -> None:
    schedule, (booking,) = a_course_of(db, teacher, "Amina")
    key = keys_of(db, schedule)[0]
    marks = [a_mark(booking, "late", value={"at": "09:50"}), a_mark(booking, "identity", value={"type": "passport"})]
    first = await send(phone, key, *marks)
    assert first["people"][0]["fields"]["attendance"]["words"] == "Late, 09:50"
    assert await send(phone, key, *marks) == first
    assert (await phone.get(f"/instructor/sessions/{key}/register")).json()["people"] == first["people"]


async def test_two_phones_that_differ_are_both_kept_and_shown_until_somebody_decides(
    phone: Api, db: Db, teacher: Row
) -> None:
    schedule, (booking,) = a_course_of(db, teacher, "Amina")
    key = keys_of(db, schedule)[0]
    here, there = a_mark(booking, "present"), a_mark(booking, "absent", device="Tablet", at=LATER)
    attendance = (await send(phone, key, here, there))["people"][0]["fields"]["attendance"]
    assert (attendance["kind"], [other["kind"] for other in attendance["others"]]) == ("absent", ["present"])
    # The clock of whoever decides may be slow: what was in view is replaced all the same.
    decided = a_mark(booking, "present", replaces=attendance["heads"], at=NINE)
    body = await send(phone, key, decided)
    assert (body["people"][0]["fields"]["attendance"]["kind"], body["people"][0]["fields"]["attendance"]["others"]) == (
        "present",
        [],
    )
    assert db.execute("select count(*) as kept from register_marks").fetchone() == {"kept": 3}


async def test_what_cannot_be_taken_is_said_and_the_rest_is_kept(phone: Api, db: Db, teacher: Row) -> None:
    schedule, (booking,) = a_course_of(db, teacher, "Amina")
    elsewhere = {"booking_reference": "RFT-NOBODY"}
    wrong, right = a_mark(booking, "identity", value={"type": "passport 533380006"}), a_mark(booking, "present")
    body = await send(phone, keys_of(db, schedule)[0], a_mark(elsewhere, "present"), wrong, right)
    assert (len(body["refused"]), list(body["people"][0]["fields"])) == (2, ["attendance"])


async def test_only_the_trainer_of_that_day_and_admins_see_a_register(phone: Api, db: Db, teacher: Row) -> None:
    schedule, _ = a_course_of(db, dev(db, role="instructor"), "Amina")
    address = f"/instructor/sessions/{keys_of(db, schedule)[0]}/register"
    for call in (phone.get(address), phone.put(address, json={"marks": []})):
        assert problem(await call) == (404, "session_not_found")
    assert (await phone.get("/instructor/schedules")).json() == {"items": []}
    assert (await phone.get(address, headers=bearer(a_token(db, carol(db))))).status_code == 200
    assert problem(await phone.get(address, headers=bearer(a_token(db, amina(db)))))[0] == 403
    for no_session in ("0", "date-0", "x", "9" * 30):
        assert problem(await phone.get(f"/instructor/sessions/{no_session}/register"))[0] == 404


async def test_a_day_to_come_is_on_bens_list_and_takes_no_marks_yet(phone: Api, db: Db, teacher: Row) -> None:
    schedule = a_schedule(db, instructor_id=teacher["id"])
    booking = confirmed_booking(db, schedule)
    assert [day["id"] for day in (await phone.get("/instructor/schedules")).json()["items"]] == [
        f"date-{schedule['id']}"
    ]
    marks = {"marks": [a_mark(booking, "present")]}
    answer = await phone.put(f"/instructor/sessions/date-{schedule['id']}/register", json=marks)
    assert problem(answer) == (409, "register_not_yet")


@some.composite
def logs(draw: some.DrawFn) -> tuple[list[Mark], list[Mark]]:
    """What two devices marked about one person in a day without a signal: each saw its own marks, and at times the other's."""
    said: dict[str, list[Mark]] = {"one": [], "two": []}
    for _ in range(draw(some.integers(1, 8))):
        device = draw(some.sampled_from(["one", "two"]))
        seen = said[device] if draw(some.booleans()) else [*said["one"], *said["two"]]
        kind = draw(some.sampled_from(["present", "late", "absent"]))
        replaces = [mark.id for mark in seen]
        minute = draw(some.integers(0, 59))
        made_at = from_iso(f"2027-03-01T09:{minute:02}:00+00:00")
        name = str(draw(some.uuids(version=4)))
        said[device].append(Mark(name, "A", None, "attendance", kind, {}, replaces, device, made_at))
    return said["one"], said["two"]


@trying(max_examples=60, deadline=None)
@given(logs(), some.randoms())
def test_any_order_of_arrival_gives_the_same_register_and_no_mark_is_lost(
    devices: tuple[list[Mark], list[Mark]], chance: Any
) -> None:
    marks = [mark for device in devices for mark in device]
    arrived = [*marks, *chance.sample(marks, len(marks) // 2)]
    chance.shuffle(arrived)
    merged = merge(arrived)
    assert merged == merge(marks)
    heads = {mark.id for field in merged.values() for mark in field.heads}
    # Whatever is not shown was seen and replaced by something that was kept.
    replaced = {earlier for mark in marks for earlier in mark.replaces}
    assert heads | replaced == {mark.id for mark in marks}


@trying(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(logs())
async def test_the_database_reads_the_marks_as_the_application_does(
    db: Db, devices: tuple[list[Mark], list[Mark]]
) -> None:
    teacher = a_user(db, role="instructor")
    schedule = a_schedule(db, instructor_id=teacher["id"])
    booking = confirmed_booking(db, schedule)
    marks = [mark for device in devices for mark in device]
    for mark in marks:
        insert(
            db, "register_marks", id=mark.id, course_schedule_id=schedule["id"], booking_id=booking["id"], kind=mark.kind,
            replaces=[UUID(name) for name in mark.replaces], device=mark.device, made_by=teacher["id"], made_at=mark.made_at,
        )  # fmt: skip
    stands = db.execute(
        "select id::text, disputed from register_state where booking_id = %s", (booking["id"],)
    ).fetchall()
    assert stands == [{"id": field.shown.id, "disputed": field.others != ()} for field in merge(marks).values()]
