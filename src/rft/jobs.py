"""Background jobs: enqueued by name in the caller's own transaction, run by workers that outlive a database restart.

A feature's jobs.py registers its tasks and imports nothing of the web:

    @jobs.task("bookings.expire_holds", every="* * * * *")
    async def expire_holds(context: jobs.Context) -> None: ...

Whoever needs work done says so by name, so that a lower feature need not import a higher one:

    await jobs.enqueue(db, "notifications.send_order_confirmation", order_id=order.id)
"""

import asyncio
import importlib
import logging
import pkgutil
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, TypeVar

import procrastinate
import psycopg
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

import rft
from rft.database.arming import is_armed
from rft.database.pool import SESSION_OPTIONS, Connection, Database
from rft.settings import Settings

_log = logging.getLogger(__name__)

# A worker that has not been heard of for so long is taken for dead. Longer than any pause of a live one.
STALLED_AFTER = 60
# No job may run longer: a hung one must not keep its place in the worker for ever.
LONGEST_RUN = 300.0
_FIRST_PAUSE, _LONGEST_PAUSE = 15.0, 3600.0
_JOBS_AT_ONCE = 4
_STOP_WITHIN = 10.0
# A server that vanished without a word is noticed, and the worker connects anew.
_KEEPALIVE = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}

T = TypeVar("T", bound=Callable[..., Awaitable[None]])


@dataclass(frozen=True, slots=True)
class Context:
    """What a task works with. `attempt` counts from 1; a job that fails at the last one stays `failed`, to be seen."""

    database: Database
    settings: Settings
    attempt: int = 1
    is_last_attempt: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    run: Callable[..., Awaitable[None]]
    every: str | None
    tries: int
    alone: bool


_tasks: dict[str, Task] = {}


def task(name: str, *, every: str | None = None, tries: int | None = None, alone: bool = True) -> Callable[[T], T]:
    """Registers a coroutine function `(context, **arguments)` under a name; it stays callable as it is.

    A task may be run twice (a worker was killed): it must then do nothing wrong. One that raises is run again, first
    after 15 s, then after twice as long each time up to an hour, `tries` times in all (12, which is four hours).
    `every` is a cron line in UTC: such a task takes no arguments, is tried once (the next turn does what this one
    missed), waits in the queue at most once, and, if `alone`, never runs twice at the same time.
    """

    def register(run: T) -> T:
        if name in _tasks:
            raise ValueError(f"there are two tasks named {name}")
        _tasks[name] = Task(name, run, every, tries or (1 if every else 12), alone)
        return run

    return register


# Only ever used with the caller's connection, therefore never opened.
_enqueuing = JobManager(procrastinate.PsycopgConnector())


async def enqueue(
    db: Connection,
    name: str,
    *,
    lock: str | None = None,
    queueing_lock: str | None = None,
    after_seconds: int = 0,
    **arguments: Any,
) -> int | None:
    """Puts a job into the queue on the caller's connection: it exists once the caller's transaction commits.

    Jobs with one `lock` take turns. None is returned where a job with this `queueing_lock` is waiting already.
    """
    job = configure_task(
        name=name,
        job_manager=_enqueuing,
        connection=db,
        lock=lock,
        queueing_lock=queueing_lock,
        schedule_in={"seconds": after_seconds} if after_seconds else None,
    )
    try:
        if queueing_lock is None:
            return await job.defer_async(**arguments)
        # A savepoint: the refused row must not take the caller's transaction with it.
        async with db.transaction():
            return await job.defer_async(**arguments)
    except AlreadyEnqueued:
        return None
    except ConnectorException as failure:
        raise failure.__cause__ or failure from None


@asynccontextmanager
async def running(settings: Settings, database: Database) -> AsyncIterator[None]:
    """Runs a worker in this event loop meanwhile; on leaving, running jobs are given some seconds to finish.

    Takes at most three connections of its own (one of them listens, so it must not go through a pgbouncer).
    """
    worker = asyncio.create_task(_work_for_ever(settings, database), name="jobs")
    try:
        yield
    finally:
        worker.cancel()
        _, late = await asyncio.wait({worker}, timeout=_STOP_WITHIN)
        if late:
            _log.warning("the worker did not stop in time; what it left unfinished is taken up by another")


def run_worker(settings: Settings) -> None:
    """Runs jobs, and nothing else, until SIGTERM or SIGINT."""
    asyncio.run(_work_until_signalled(settings))


async def _work_until_signalled(settings: Settings) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    database = Database(settings.database_url, size=_JOBS_AT_ONCE)
    await database.open()
    try:
        if not await is_armed(database):
            _log.warning("this is a restored copy: no job runs until `rft arm`, and a restart after it")
            await stop.wait()
            return
        async with running(settings, database):
            await stop.wait()
    finally:
        await database.close()


async def _work_for_ever(settings: Settings, database: Database) -> None:
    pause = 0.5
    while True:
        app = _app(settings, database)
        try:
            async with app.open_async():
                pause = 0.5
                await app.run_worker_async(
                    concurrency=_JOBS_AT_ONCE,
                    shutdown_graceful_timeout=_STOP_WITHIN - 3,
                    stalled_worker_timeout=STALLED_AFTER,
                    install_signal_handlers=False,
                )
            _log.warning("the worker lost its connection and begins again")
        except (ConnectorException, psycopg.Error) as failure:
            _log.warning("the worker cannot reach the database and will try again: %s", type(failure).__name__)
        except Exception:  # noqa: BLE001 (whatever it was, a worker that is not there helps nobody)
            _log.exception("the worker failed and begins again")
        await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 (jitter, not a secret)
        pause = min(pause * 2, 5.0)


def _app(settings: Settings, database: Database) -> procrastinate.App:
    """A procrastinate application of its own for each worker: two in one process do not share a connector."""
    _load_tasks()
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=database.url,
            kwargs={"options": SESSION_OPTIONS, **_KEEPALIVE},
            min_size=1,
            max_size=2,
            timeout=5.0,
            reconnect_timeout=5.0,
        )
    )
    for one in _tasks.values():
        alone = one.name if one.every and one.alone else None
        registered = app.task(
            name=one.name,
            pass_context=True,
            retry=_Backoff(one.tries),
            lock=alone,
            queueing_lock=one.name if one.every else None,
        )(_bound(one, settings, database))
        if one.every:
            app.periodic(cron=one.every)(registered)
    return app


def _load_tasks() -> None:
    """Imports the jobs.py of every feature that has one, which registers its tasks."""
    for feature in pkgutil.iter_modules(rft.__path__, "rft."):
        if feature.ispkg and find_spec(f"{feature.name}.jobs"):
            importlib.import_module(f"{feature.name}.jobs")


def _bound(one: Task, settings: Settings, database: Database) -> Callable[..., Awaitable[None]]:
    async def run(found: procrastinate.JobContext, **arguments: Any) -> None:
        job = found.job
        if job.queueing_lock:
            await _release_queueing_lock(database, job)
        if one.every:
            # procrastinate adds the turn's time; our periodic tasks look at the data instead.
            arguments = {}
        context = Context(database, settings, job.attempts + 1, is_last_attempt=job.attempts + 1 >= one.tries)
        async with asyncio.timeout(LONGEST_RUN):
            await one.run(context, **arguments)

    return run


async def _release_queueing_lock(database: Database, job: Job) -> None:
    # It keeps a second job from waiting; this one no longer waits. Left on, a later one in the queue would make
    # putting this one back for another try fail, and it would stay "doing" for ever.
    async with database.connection() as db:
        await db.execute("update jobs.procrastinate_jobs set queueing_lock = null where id = %s", (job.id,))


class _Backoff(procrastinate.BaseRetryStrategy):
    def __init__(self, tries: int) -> None:
        self.tries = tries

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            # The worker is being stopped: the job did nothing wrong, and the next worker takes it up at once.
            return procrastinate.RetryDecision(retry_in={"seconds": 0})
        if job.attempts + 1 >= self.tries:
            return None
        pause = min(_FIRST_PAUSE * 2**job.attempts, _LONGEST_PAUSE) * random.uniform(0.8, 1.2)  # noqa: S311 (jitter)
        return procrastinate.RetryDecision(retry_in={"seconds": round(pause)})
