"""Adds the chosen dates of a series in one act, and opens many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row

from rft.audit.service import Actor, record
from rft.database.edit import insert
from rft.database.pool import Connection
from rft.errors import NotFound, NotValid, Refusal
from rft.kit.clock import day_in_words
from rft.planning.errors import SeriesRefused
from rft.planning.series import Series
from rft.schedules.service import create_schedule, publish_schedule


@dataclass(frozen=True, slots=True)
class Made:
    """A series that was added."""

    id: int
    course_name: str
    pattern: str
    created_at: datetime
    author_name: str | None


async def create_series(db: Connection, actor: Actor, series: Series, chosen: Sequence[date]) -> int:
    """Adds the dates that begin on the chosen days as drafts: all of them, or none. Answers the series' id.

    Raises NotValid where none is chosen, SeriesRefused with the day of the first that cannot be added.
    """
    begins = [day for day in series.begins if day in set(chosen)]
    if not begins:
        raise NotValid("Choose at least one date.", errors={"chosen": "Choose at least one date."})
    series_id = await insert(
        db,
        "schedule_series",
        {"course_id": series.course_id, "pattern": series.pattern, "created_by": actor.user_id},
    )
    for first in begins:
        try:
            schedule_id = await create_schedule(db, actor, series.request_for(first))
        except Refusal as refusal:
            raise SeriesRefused(
                f"{day_in_words(first)}: {refusal.detail} Nothing was added; leave that date out, or change it.",
                facts=refusal.facts,
            ) from refusal
        await db.execute(
            "update schedule_plans set series_id = %s where course_schedule_id = %s", (series_id, schedule_id)
        )
    new = {"pattern": series.pattern, "course_id": series.course_id, "seats": len(begins)}
    await record(db, actor, "series.create", "series", series_id, new=new)
    return series_id


async def get_series(db: Connection, series_id: int) -> Made:
    """Raises NotFound."""
    async with db.cursor(row_factory=class_row(Made)) as cursor:
        await cursor.execute(
            """
            select series.id, course.name as course_name, series.pattern, series.created_at,
                   nullif(concat_ws(' ', author.first_name, author.last_name), '') as author_name
              from schedule_series as series
              join courses as course on course.id = series.course_id
              left join users as author on author.id = series.created_by
             where series.id = %s
            """,
            (series_id,),
        )
        made = await cursor.fetchone()
    if made is None:
        raise NotFound("There is no such series.")
    return made


async def publish_many(db: Connection, actor: Actor, schedule_ids: Sequence[int]) -> tuple[list[int], dict[int, str]]:
    """Opens those that can be opened; answers them, and of the others why not. Each stands or falls by itself."""
    opened: list[int] = []
    left: dict[int, str] = {}
    for schedule_id in sorted(set(schedule_ids)):
        try:
            await publish_schedule(db, actor, schedule_id)
        except Refusal as refusal:
            left[schedule_id] = refusal.detail
        else:
            opened.append(schedule_id)
    return opened, left
