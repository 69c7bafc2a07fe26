"""The certificates of a whole course: asked for at once, made some at a time."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from rft import jobs
from rft.audit.service import Actor, record
from rft.certificates.issuing import read_facts
from rft.certificates.service import issue_certificates
from rft.database.pool import Connection, Database
from rft.errors import Busy, NotFound, Refusal
from rft.settings import Settings

# A batch keeps a core busy for seconds: one at a time, whatever the number of courses, and mail and money go on beside it.
_ONE_AT_A_TIME = "certificates"
# So many are drawn side by side and filed together: more would show progress seldom, and keep bookings locked for long.
_AT_A_TIME = 20

# Those who completed and hold none: what a batch is for.
_DUE = """
select booking.booking_reference
  from bookings as booking
 where booking.course_schedule_id = %s and booking.status = 'completed'
   and not exists (select from certificates as issued where issued.booking_id = booking.id)
   and not exists (select from register_make_ups as made_up where made_up.in_booking_id = booking.id)
 order by booking.id
"""


class NothingToIssue(Refusal):
    status = 409
    title = "No certificate is due"
    sentence = "Everybody who completed this course has a certificate already."


@dataclass(frozen=True, slots=True)
class Batch:
    """`held` is booking reference → why that one could not be issued."""

    id: int
    schedule_id: int
    asked_by: int
    total: int
    issued: int
    held: dict[str, str]
    asked_at: datetime
    finished_at: datetime | None

    @property
    def done(self) -> int:
        return self.issued + len(self.held)


_BATCH = """
select id, course_schedule_id as schedule_id, asked_by, total, issued, held, asked_at, finished_at from certificate_batches
"""


async def ask_for_batch(db: Connection, actor: Actor, schedule_id: int) -> int:
    """Starts the making of all that are due; while one batch of the course runs, answers that one. Raises NothingToIssue."""
    cursor = await db.execute(_DUE, (schedule_id,))
    due = len(await cursor.fetchall())
    if not due:
        raise NothingToIssue
    cursor = await db.execute(
        """
        insert into certificate_batches (course_schedule_id, asked_by, total) values (%s, %s, %s)
        on conflict (course_schedule_id) where finished_at is null do nothing
        returning id
        """,
        (schedule_id, actor.user_id, due),
    )
    row = await cursor.fetchone()
    if row is None:
        running = await find_last_batch(db, schedule_id)
        assert running is not None, "it has just been in the way"
        return running.id
    await record(db, actor, "certificate.batch", "schedule", schedule_id, new={"seats": due})
    await jobs.enqueue(db, "certificates.make_batch", lock=_ONE_AT_A_TIME, batch_id=row["id"])
    return int(row["id"])


async def find_last_batch(db: Connection, schedule_id: int) -> Batch | None:
    async with db.cursor(row_factory=class_row(Batch)) as cursor:
        await cursor.execute(f"{_BATCH} where course_schedule_id = %s order by id desc limit 1", (schedule_id,))
        return await cursor.fetchone()


async def make_batch(database: Database, settings: Settings, batch_id: int, *, now: datetime) -> None:
    """Issues what is due, some at a time, each lot with its own commit: begun again after a crash it goes on where it stopped."""
    async with database.connection() as db:
        async with db.cursor(row_factory=class_row(Batch)) as cursor:
            await cursor.execute(f"{_BATCH} where id = %s", (batch_id,))
            batch = await cursor.fetchone()
        if batch is None:
            raise NotFound("There is no such batch.")
        references = [
            row["booking_reference"] for row in await (await db.execute(_DUE, (batch.schedule_id,))).fetchall()
        ]
    making = _Making(database, settings, batch, now)
    lots = iter([references[first : first + _AT_A_TIME] for first in range(0, len(references), _AT_A_TIME)])
    # While one lot is being filed the next is drawn.
    async with asyncio.TaskGroup() as lanes:
        for _ in range(2):
            lanes.create_task(making.issue_all(lots))
    async with database.transaction() as db:
        await db.execute(
            "update certificate_batches set finished_at = utc_clock() where id = %s and finished_at is null",
            (batch_id,),
        )


@dataclass(frozen=True, slots=True)
class _Making:
    """One run of the job."""

    database: Database
    settings: Settings
    batch: Batch
    now: datetime

    async def issue_all(self, lots: Iterator[list[str]]) -> None:
        for lot in lots:
            await self.issue(lot)

    async def issue(self, references: list[str]) -> None:
        """All of them; where one cannot be, each on its own, and that one is held with the reason."""
        try:
            await self.database.run(lambda db: self._file(db, references))
        except Busy:
            raise
        except Refusal as refusal:
            if len(references) > 1:
                for reference in references:
                    await self.issue([reference])
            else:
                why = Jsonb({references[0]: refusal.detail})
                await self.database.run(lambda db: self._hold(db, why))

    async def _file(self, db: Connection, references: list[str]) -> None:
        # Somebody may have issued one by hand since the batch began.
        due = [facts for facts in await read_facts(db, references) if facts["live_id"] is None]
        if due:
            filed = await issue_certificates(db, Actor(self.batch.asked_by), due, settings=self.settings, now=self.now)
            # Behind the same lock: the mails are written when the certificates are there, not while they are being made.
            ids = [certificate.id for certificate in filed]
            await jobs.enqueue(db, "notifications.send_certificates", lock=_ONE_AT_A_TIME, certificate_ids=ids)
        await db.execute(
            "update certificate_batches set issued = least(issued + %s, total) where id = %s",
            (len(references), self.batch.id),
        )

    async def _hold(self, db: Connection, why: Jsonb) -> None:
        await db.execute("update certificate_batches set held = held || %s where id = %s", (why, self.batch.id))
