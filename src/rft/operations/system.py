"""How the system is: jobs, backups, the schema, and the checks of its rules."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from rft.audit.service import Actor, record
from rft.database.pool import Connection, Database
from rft.database.sql import statement
from rft.errors import NotFound, Refusal
from rft.kit.fields import LARGEST_ID
from rft.operations.backup import LATE_AFTER

_STATE = statement(__file__, "system.sql")
_SHOWN = 50
_FAILED = """
select job.id, job.task_name as name, job.attempts,
       (select max(event.at) from jobs.procrastinate_events as event where event.job_id = job.id) at time zone 'UTC' as at
  from jobs.procrastinate_jobs as job
 where job.status = 'failed'
 order by job.id desc
 limit %(most)s
"""
_BACKUPS = """
select file, bytes, encode(sha256, 'hex') as sha256, began_at, made_at
  from backups
 where removed_at is null
 order by made_at desc
 limit 10
"""
_CHECKS = """
select created_at as at, (new_values ->> 'total')::integer as total, (new_values ->> 'broken')::integer as broken
  from admin_activity_logs
 where action = 'rules.check'
 order by id desc
 limit 10
"""
# Held while it is judged, so that two people who press at once do it once.
_LOCK = "select task_name from jobs.procrastinate_jobs where id = %s and status = 'failed' for update"


class JobNotFailed(Refusal):
    status = 409
    title = "This job has not failed"
    sentence = "This job is no longer among those that failed. Somebody may have been quicker."


@dataclass(frozen=True, slots=True)
class State:
    server_version: str
    bytes: int
    revision: str
    is_armed: bool
    restored_at: datetime | None
    workers: int
    waiting: int
    later: int
    running: int
    failed: int


@dataclass(frozen=True, slots=True)
class FailedJob:
    id: int
    name: str
    attempts: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    file: str
    bytes: int
    sha256: str
    began_at: datetime
    made_at: datetime

    def is_late(self, now: datetime) -> bool:
        return now - self.made_at > LATE_AFTER

    @property
    def seconds(self) -> float:
        return (self.made_at - self.began_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Check:
    at: datetime
    total: int
    broken: int


async def read_state(db: Connection) -> State:
    async with db.cursor(row_factory=class_row(State)) as cursor:
        await cursor.execute(_STATE)
        state = await cursor.fetchone()
    assert state is not None, "a select without a table answers a row"
    return state


async def list_failed_jobs(db: Connection) -> list[FailedJob]:
    async with db.cursor(row_factory=class_row(FailedJob)) as cursor:
        await cursor.execute(_FAILED, {"most": _SHOWN})
        return await cursor.fetchall()


async def list_backups(db: Connection) -> list[Kept]:
    """The newest ten that are still there."""
    async with db.cursor(row_factory=class_row(Kept)) as cursor:
        await cursor.execute(_BACKUPS)
        return await cursor.fetchall()


async def list_checks(db: Connection) -> list[Check]:
    async with db.cursor(row_factory=class_row(Check)) as cursor:
        await cursor.execute(_CHECKS)
        return await cursor.fetchall()


async def retry_job(database: Database, actor: Actor, job_id: int) -> str:
    """Puts a failed job back into the queue, to run at once; its name. Raises JobNotFailed."""
    async with database.transaction() as db:
        name = await _lock_failed(db, job_id)
        await db.execute("select jobs.procrastinate_retry_job_v2(%s, now(), null, null, null)", (job_id,))
        await record(db, actor, "job.retry", "system", None, new={"name": name, "number": job_id})
    return name


async def give_job_up(database: Database, actor: Actor, job_id: int) -> str:
    """Says that a failed job needs nothing more; its name. Raises JobNotFailed."""
    async with database.transaction() as db:
        name = await _lock_failed(db, job_id)
        await db.execute("update jobs.procrastinate_jobs set status = 'cancelled' where id = %s", (job_id,))
        await record(db, actor, "job.give_up", "system", None, new={"name": name, "number": job_id})
    return name


async def _lock_failed(db: Connection, job_id: int) -> str:
    if not 0 < job_id <= LARGEST_ID:
        raise NotFound
    row = await (await db.execute(_LOCK, (job_id,))).fetchone()
    if row is None:
        raise JobNotFailed
    return str(row["task_name"])
