"""Makes evidence packs in the background, and keeps whose results are sent to the awarding body by when."""

from datetime import datetime, timedelta
from functools import partial

from rft import jobs
from rft.attendance.queries import read_register
from rft.audit.service import Actor, record
from rft.certificates.keys import get_signer
from rft.certificates.queries import get_file, list_live_of_schedule
from rft.database.pool import Connection, Database
from rft.errors import NotFound, NotValid, Refusal
from rft.evidence.errors import CourseNotOver, ResultsSent
from rft.evidence.manifest import write_pack
from rft.evidence.papers import certificate_name, title_of, write_papers
from rft.evidence.queries import Pack, find_pack, list_unreported
from rft.evidence.rules import results_due_on
from rft.settings import Settings
from rft.web.company import CompanyProfile

# Papers besides the certificates.
_PAPERS = 7
_EACH = 10
# Longer than anybody leaves results lying; what is older was sent some other way.
_REPORTED_WITHIN = timedelta(days=60)
_LONGEST_REFERENCE = 100


async def ask_for_pack(db: Connection, actor: Actor, schedule_id: int, *, now: datetime) -> None:
    """Has the papers put together; nothing more while they are being made already. Raises NotFound, CourseNotOver."""
    register = await read_register(db, schedule_id)
    if register.sessions[0].course_ends_at > now:
        raise CourseNotOver
    total = _PAPERS + len(await list_live_of_schedule(db, schedule_id))
    cursor = await db.execute(
        """
        insert into evidence_packs (course_schedule_id, asked_by, total) values (%s, %s, %s)
        on conflict (course_schedule_id) where finished_at is null do nothing
        returning id
        """,
        (schedule_id, actor.user_id, total),
    )
    row = await cursor.fetchone()
    if row is not None:
        await record(db, actor, "evidence.pack", "schedule", schedule_id, new={"count": total})
        await jobs.enqueue(db, "evidence.make_pack", lock="evidence", pack_id=row["id"])


async def make_pack(database: Database, settings: Settings, pack_id: int, *, now: datetime) -> None:
    """Begun again after a crash it begins anew; a finished one is left alone."""
    async with database.connection() as db:
        pack = await find_pack(db, pack_id)
    if pack is None or pack.finished_at is not None:
        return
    try:
        file = await _make(database, settings, pack, now)
    except Refusal as refusal:
        why = refusal.detail
        await database.run(lambda db: _finish(db, pack_id, now, failed_because=why))
    else:
        await database.run(lambda db: _finish(db, pack_id, now, file=file))


async def give_up(database: Database, pack_id: int, *, now: datetime) -> None:
    await database.run(
        lambda db: _finish(db, pack_id, now, failed_because="Something went wrong on our side. Please try again.")
    )


async def open_reports(database: Database, *, now: datetime) -> int:
    """Makes the results of each course that is over a task; answers how many were new."""

    async def work(db: Connection) -> int:
        ended = await list_unreported(db, now - _REPORTED_WITHIN, now)
        for one in ended:
            await db.execute(
                "insert into awarding_body_reports (course_schedule_id, due_on) values (%s, %s) on conflict do nothing",
                (one.schedule_id, results_due_on(one.ended_at)),
            )
        return len(ended)

    return await database.run(work)


async def note_sent(db: Connection, actor: Actor, schedule_id: int, reference: str, *, now: datetime) -> None:
    """Says who sent the results when. Raises NotFound, NotValid, ResultsSent."""
    said = " ".join(reference.split())
    if len(said) > _LONGEST_REFERENCE:
        raise NotValid(errors={"reference": f"Use at most {_LONGEST_REFERENCE} characters."})
    cursor = await db.execute(
        "select sent_at from awarding_body_reports where course_schedule_id = %s for update", (schedule_id,)
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("No results of this date are to be sent.")
    if row["sent_at"] is not None:
        raise ResultsSent
    await db.execute(
        "update awarding_body_reports set sent_at = %s, sent_by = %s, reference = %s where course_schedule_id = %s",
        (now, actor.user_id, said or None, schedule_id),
    )
    await record(db, actor, "results.sent", "schedule", schedule_id, new={"reference": said} if said else None)


async def _make(database: Database, settings: Settings, pack: Pack, now: datetime) -> bytes:
    company = await CompanyProfile(database).get()
    async with database.connection() as db:
        course = title_of(await read_register(db, pack.schedule_id))
        files = await write_papers(db, pack.schedule_id, company, now=now)
        certificates = await list_live_of_schedule(db, pack.schedule_id)
    for number, certificate in enumerate(certificates):
        if number % _EACH == 0:
            done = len(files)
            await database.run(partial(_progress, pack_id=pack.id, done=done))
        async with database.connection() as db:
            files[certificate_name(certificate)] = await get_file(db, certificate.id)
    async with database.transaction() as db:
        signer = await get_signer(db, settings, now=now)
    return write_pack(files, course=course, made_at=now, signer=signer)


async def _progress(db: Connection, pack_id: int, done: int) -> None:
    await db.execute(
        "update evidence_packs set done = least(%s, total) where id = %s and finished_at is null", (done, pack_id)
    )


async def _finish(
    db: Connection, pack_id: int, now: datetime, *, file: bytes | None = None, failed_because: str | None = None
) -> None:
    await db.execute(
        """
        update evidence_packs set done = total, finished_at = %s, file = %s, failed_because = %s
         where id = %s and finished_at is null
        """,
        (now, file, failed_because, pack_id),
    )
