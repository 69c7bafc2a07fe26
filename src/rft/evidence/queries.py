"""Reads what a course's papers are made of, its last pack, and whether its results were sent."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.evidence.rules import Demanded

_RESULTS = statement(__file__, "results.sql")
_TRAINERS = statement(__file__, "trainers.sql")


@dataclass(frozen=True, slots=True)
class Pack:
    """`done` of `total` files; finished with a file, or with why there is none."""

    id: int
    schedule_id: int
    asked_by: int
    asked_at: datetime
    total: int
    done: int
    finished_at: datetime | None
    failed_because: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """The results for the awarding body: by when, and who sent them when."""

    due_on: date
    sent_at: datetime | None
    sent_by: str | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class TrainerPaper:
    """A paper of somebody who taught, valid on their days; `kind` is None for one who had none."""

    id: int
    trainer: str
    kind: str | None
    awarding_body: str | None
    number: str | None
    issued_on: date | None
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Ended:
    schedule_id: int
    ended_at: datetime


_PACKS = "select id, course_schedule_id as schedule_id, asked_by, asked_at, total, done, finished_at, failed_because from evidence_packs"


async def find_last_pack(db: Connection, schedule_id: int) -> Pack | None:
    async with db.cursor(row_factory=class_row(Pack)) as cursor:
        await cursor.execute(f"{_PACKS} where course_schedule_id = %s order by id desc limit 1", (schedule_id,))
        return await cursor.fetchone()


async def find_pack(db: Connection, pack_id: int) -> Pack | None:
    async with db.cursor(row_factory=class_row(Pack)) as cursor:
        await cursor.execute(f"{_PACKS} where id = %s", (pack_id,))
        return await cursor.fetchone()


async def find_last_file(db: Connection, schedule_id: int) -> bytes | None:
    cursor = await db.execute(
        "select file from evidence_packs where course_schedule_id = %s and file is not null order by id desc limit 1",
        (schedule_id,),
    )
    row = await cursor.fetchone()
    return bytes(row["file"]) if row else None


async def read_demanded(db: Connection, schedule_id: int) -> Demanded:
    async with db.cursor(row_factory=class_row(Demanded)) as cursor:
        await cursor.execute(
            """
            select rule.contact_hours, rule.maximum_learners, coalesce(plan.breaks_minutes, 0) as breaks_minutes
              from course_schedules as schedule
              left join schedule_plans as plan on plan.course_schedule_id = schedule.id
              left join course_variants as variant on variant.course_id = schedule.course_id
              left join qualification_rules as rule on rule.qualification = variant.qualification
             where schedule.id = %s
            """,
            (schedule_id,),
        )
        demanded = await cursor.fetchone()
    assert demanded is not None, "its register has just been read"
    return demanded


async def list_trainer_papers(db: Connection, schedule_id: int) -> list[TrainerPaper]:
    """By trainer; somebody may have several."""
    async with db.cursor(row_factory=class_row(TrainerPaper)) as cursor:
        await cursor.execute(_TRAINERS, {"schedule_id": schedule_id})
        return await cursor.fetchall()


async def list_results(db: Connection, schedule_id: int) -> list[dict[str, Any]]:
    """A row a place, by the names that awarding_body_columns knows."""
    cursor = await db.execute(_RESULTS, {"schedule_id": schedule_id})
    return [dict(row) for row in await cursor.fetchall()]


async def list_columns(db: Connection) -> list[tuple[str, str]]:
    """Title and source, in their order."""
    cursor = await db.execute("select title, source from awarding_body_columns order by position")
    return [(row["title"], row["source"]) for row in await cursor.fetchall()]


async def find_report(db: Connection, schedule_id: int) -> Report | None:
    async with db.cursor(row_factory=class_row(Report)) as cursor:
        await cursor.execute(
            """
            select report.due_on, report.sent_at, report.reference,
                   coalesce(nullif(concat_ws(' ', sender.first_name, sender.last_name), ''), sender.email) as sent_by
              from awarding_body_reports as report
              left join users as sender on sender.id = report.sent_by
             where report.course_schedule_id = %s
            """,
            (schedule_id,),
        )
        return await cursor.fetchone()


async def list_unreported(db: Connection, since: datetime, now: datetime) -> list[Ended]:
    """Dates of a qualification that ended from `since` until now with people on them, and whose results nobody has to send yet."""
    async with db.cursor(row_factory=class_row(Ended)) as cursor:
        await cursor.execute(
            """
            select schedule.id as schedule_id, schedule.end_datetime as ended_at
              from course_schedules as schedule
              join course_variants as variant on variant.course_id = schedule.course_id
             where schedule.status in ('published', 'full') and schedule.end_datetime >= %s and schedule.end_datetime <= %s
               and exists (select from bookings as booking
                            where booking.course_schedule_id = schedule.id and booking.status in ('confirmed', 'completed', 'no_show'))
               and not exists (select from awarding_body_reports as report where report.course_schedule_id = schedule.id)
             order by schedule.end_datetime
            """,
            (since, now),
        )
        return await cursor.fetchall()
