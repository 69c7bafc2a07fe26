"""Keeps profiles, papers, absences and hours, and asks whether those on a date may teach it."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

from rft.audit.service import Actor, record
from rft.database.edit import insert
from rft.database.pool import Connection
from rft.errors import NotFound
from rft.instructors.errors import InstructorAway, InstructorNotQualified
from rft.instructors.queries import find_away, find_unqualified, get_instructor
from rft.instructors.schemas import AbsenceRequest, Hours, ProfileRequest, QualificationRequest
from rft.kit.clock import from_london
from rft.kit.references import hash_token, new_token

_DAY = timedelta(days=1)


async def require_fit_to_teach(db: Connection, schedule_id: int) -> None:
    """Raises InstructorNotQualified or InstructorAway, as the database would when the transaction ends."""
    if (sentence := await find_unqualified(db, schedule_id)) is not None:
        raise InstructorNotQualified(sentence)
    if (sentence := await find_away(db, schedule_id)) is not None:
        raise InstructorAway(sentence)


async def keep_profile(db: Connection, actor: Actor, user_id: int, asked: ProfileRequest) -> None:
    """From the first time on, the person is held to their papers. Raises NotFound."""
    before = await get_instructor(db, user_id)
    values = asked.model_dump()
    await db.execute(
        "update users set phone = %s where id = %s and phone is distinct from %s", (asked.phone, user_id, asked.phone)
    )
    await db.execute(
        """
        insert into instructor_profiles (user_id, home_town, postcode_area, bio)
        values (%(user_id)s, %(home_town)s, %(postcode_area)s, %(bio)s)
        on conflict (user_id) do update
           set home_town = excluded.home_town, postcode_area = excluded.postcode_area, bio = excluded.bio, updated_at = utc_clock()
        """,
        values | {"user_id": user_id},
    )
    old = {name: getattr(before, name) for name in values}
    await record(db, actor, "instructor.change", "instructor", user_id, old=old, new=values)


async def add_paper(db: Connection, actor: Actor, user_id: int, asked: QualificationRequest) -> int:
    await get_instructor(db, user_id)
    # Whoever has a paper here is held to their papers from now on.
    await db.execute("insert into instructor_profiles (user_id) values (%s) on conflict do nothing", (user_id,))
    paper_id = await insert(db, "instructor_qualifications", asked.model_dump() | {"user_id": user_id})
    await record(db, actor, "instructor.add_qualification", "instructor", user_id, new=asked.model_dump(mode="json"))
    return paper_id


async def withdraw_paper(db: Connection, actor: Actor, user_id: int, paper_id: int, today: date) -> None:
    """From today on it counts no longer; a second time changes nothing. Raises NotFound."""
    cursor = await db.execute(
        """
        update instructor_qualifications set withdrawn_on = coalesce(withdrawn_on, %s)
         where id = %s and user_id = %s returning kind, number
        """,
        (today, paper_id, user_id),
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound
    await record(db, actor, "instructor.withdraw_qualification", "instructor", user_id, old=row)


async def add_absence(db: Connection, actor: Actor, user_id: int, asked: AbsenceRequest) -> int:
    """Takes nobody's date away: the planner finds stand-ins. Raises NotValid where it meets another absence of theirs."""
    await get_instructor(db, user_id)
    starts_at, ends_at = from_london(asked.first, time.min), from_london(asked.last + _DAY, time.min)
    cursor = await db.execute(
        """
        insert into instructor_absences (user_id, kind, during, note, recorded_by)
        values (%s, %s, tsrange(%s, %s, '[)'), %s, %s) returning id
        """,
        (user_id, asked.kind, starts_at, ends_at, asked.note, actor.user_id),
    )
    row = await cursor.fetchone()
    assert row is not None, "an insert returns its row"
    # Why somebody is ill is nobody's business: the log does not keep the note.
    new = asked.model_dump(mode="json", exclude={"note"})
    await record(db, actor, "instructor.add_absence", "instructor", user_id, new=new)
    return int(row["id"])


async def end_absence(db: Connection, actor: Actor, user_id: int, absence_id: int) -> None:
    """Takes the absence off the record. Raises NotFound."""
    cursor = await db.execute(
        "delete from instructor_absences where id = %s and user_id = %s returning kind, lower(during) as starts",
        (absence_id, user_id),
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound
    old: dict[str, Any] = {"kind": row["kind"], "first": row["starts"]}
    await record(db, actor, "instructor.end_absence", "instructor", user_id, old=old)


async def keep_hours(db: Connection, actor: Actor, user_id: int, hours: Sequence[Hours]) -> None:
    """The whole week anew; an empty one means that the person can always be asked."""
    await get_instructor(db, user_id)
    await db.execute("delete from instructor_availability where user_id = %s", (user_id,))
    for each in hours:
        await db.execute(
            "insert into instructor_availability (user_id, weekday, opens, closes) values (%s, %s, %s, %s)",
            (user_id, each.weekday, each.opens, each.closes),
        )
    await record(db, actor, "instructor.keep_hours", "instructor", user_id, new={"count": len(hours)})


async def make_feed(db: Connection, user_id: int) -> str:
    """A new token for the person's own calendar, shown once; the address before it stops working."""
    token = new_token()
    await db.execute(
        """
        insert into instructor_feeds (user_id, token_hash) values (%s, %s)
        on conflict (user_id) do update set token_hash = excluded.token_hash, created_at = utc_clock()
        """,
        (user_id, hash_token(token)),
    )
    return token


async def end_feed(db: Connection, user_id: int) -> None:
    await db.execute("delete from instructor_feeds where user_id = %s", (user_id,))
