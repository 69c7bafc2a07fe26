"""Jobs: there if the transaction that wanted them was, run by whoever lives, and never in each other's way."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import psycopg.conninfo
import pytest

from rft import jobs
from rft.database.pool import SESSION_OPTIONS, Database
from rft.kit.clock import utc_now
from rft.operations.jobs import take_up_stalled_jobs, tidy
from tests.builders import Db, a_user, insert, update
from tests.conftest import Connect
from tests.features.mailing import context, enqueue, finished, rows, settings_with, until

ran: list[Any] = []
minutes: list[int] = []
gate: asyncio.Event


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    global gate
    ran.clear()
    minutes.clear()
    gate = asyncio.Event()


@jobs.task("tests.note")
async def note(context: jobs.Context, what: str) -> None:
    ran.append((what, context.settings.base_url, context.database is not None, context.attempt))


@jobs.task("tests.fail_for_good", tries=1)
async def fail_for_good(context: jobs.Context) -> None:
    ran.append(context.is_last_attempt)
    raise ValueError("poison")


@jobs.task("tests.fail_at_first")
async def fail_at_first(context: jobs.Context) -> None:
    ran.append(context.attempt)
    if context.attempt == 1:
        raise ValueError("not yet")


@jobs.task("tests.wait_at_gate")
async def wait_at_gate(context: jobs.Context) -> None:
    ran.append("at the gate")
    await gate.wait()
    ran.append("through")


@jobs.task("tests.every_minute", every="* * * * *")
async def every_minute(context: jobs.Context) -> None:
    minutes.append(1)


@pytest.fixture
def db(connect: Connect) -> Db:
    """Sees the jobs' schema, as the application does: procrastinate's triggers need it."""
    return connect(options=SESSION_OPTIONS)


CUT_ALL_OTHERS = """
select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
"""


def waiting(db: Db, name: str) -> list[dict[str, Any]]:
    return rows(db, "select * from jobs.procrastinate_jobs where task_name = %(name)s order by id", name=name)


def make_due(db: Db) -> None:
    db.execute("update jobs.procrastinate_jobs set scheduled_at = now() where scheduled_at is not null")


async def test_a_job_is_gone_with_the_transaction_that_wanted_it(database: Database, db: Db) -> None:
    async with database.connection() as connection, connection.transaction(force_rollback=True):
        await jobs.enqueue(connection, "tests.note", what="rolled back")
    assert waiting(db, "tests.note") == []


async def test_a_job_is_not_seen_before_the_commit(database: Database, db: Db) -> None:
    async with jobs.running(settings_with(), database):
        async with database.transaction() as transaction:
            await jobs.enqueue(transaction, "tests.note", what="early")
            await enqueue(database, "tests.note", what="later, but committed")
            await until(lambda: ran)
            assert [note[0] for note in ran] == ["later, but committed"]
        await until(lambda: len(ran) == 2)


async def test_a_worker_runs_the_job_with_the_settings_and_the_database(database: Database) -> None:
    async with jobs.running(settings_with(), database):
        await enqueue(database, "tests.note", what="hello")
        await until(lambda: ran)
    assert ran == [("hello", "https://booking.example", True, 1)]


async def test_a_queueing_lock_lets_one_wait_and_the_callers_transaction_go_on(database: Database, db: Db) -> None:
    await enqueue(database, "tests.note", queueing_lock="only one", what="first")
    async with database.transaction() as transaction:
        assert await jobs.enqueue(transaction, "tests.note", queueing_lock="only one", what="second") is None
        await jobs.enqueue(transaction, "tests.note", what="third")
    assert [job["args"]["what"] for job in waiting(db, "tests.note")] == ["first", "third"]


async def test_a_failed_job_is_tried_again_later_and_keeps_nobody_waiting(database: Database, db: Db) -> None:
    async with jobs.running(settings_with(), database):
        await enqueue(database, "tests.fail_at_first")
        await until(lambda: [job for job in waiting(db, "tests.fail_at_first") if job["scheduled_at"]])
        await enqueue(database, "tests.note", what="meanwhile")
        await until(lambda: len(ran) == 2)
        make_due(db)
        await enqueue(database, "tests.note", what="wakes the worker")
        await finished(db, "tests.fail_at_first")
    assert [entry for entry in ran if isinstance(entry, int)] == [1, 2]


async def test_a_queueing_lock_taken_meanwhile_does_not_stop_the_next_try(database: Database, db: Db) -> None:
    async with jobs.running(settings_with(), database):
        await enqueue(database, "tests.fail_at_first", queueing_lock="mine")
        await until(lambda: ran)
        await enqueue(database, "tests.fail_at_first", queueing_lock="mine")
        await until(lambda: sum(job["status"] == "todo" for job in waiting(db, "tests.fail_at_first")) == 2)


async def test_poison_stays_failed_to_be_seen_and_others_run(database: Database, db: Db) -> None:
    async with jobs.running(settings_with(), database):
        await enqueue(database, "tests.fail_for_good")
        await enqueue(database, "tests.unknown_task")
        await enqueue(database, "tests.note", what="after the poison")
        await until(lambda: len(ran) == 2)
        await finished(db, "tests.unknown_task")
    assert ran[0] is True
    assert [waiting(db, name)[0]["status"] for name in ("tests.fail_for_good", "tests.unknown_task")] == ["failed"] * 2


async def test_stopping_lets_a_running_job_finish(database: Database, db: Db) -> None:
    async with jobs.running(settings_with(), database):
        await enqueue(database, "tests.wait_at_gate")
        await until(lambda: ran)
        asyncio.get_running_loop().call_later(0.3, gate.set)
    assert ran == ["at the gate", "through"]
    assert waiting(db, "tests.wait_at_gate")[0]["status"] == "succeeded"


async def test_a_job_too_slow_for_the_stop_goes_back_to_the_queue(
    database: Database, db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_STOP_WITHIN", 3.1)
    async with jobs.running(settings_with(), database):
        await enqueue(database, "tests.wait_at_gate")
        await until(lambda: ran)
    assert waiting(db, "tests.wait_at_gate")[0]["status"] == "todo"


async def test_a_worker_outlives_the_loss_of_its_database(database: Database, db: Db) -> None:
    query = "insert into jobs.procrastinate_jobs (queue_name, task_name, args) values ('default', 'tests.note', %s)"
    async with jobs.running(settings_with(), database):
        await enqueue(database, "tests.note", what="before")
        await until(lambda: ran)
        with closed_to_newcomers(database.url):
            rows(db, CUT_ALL_OTHERS)
            db.execute(query, ('{"what": "meanwhile"}',))
            await asyncio.sleep(1)
        await until(lambda: len(ran) == 2)


@contextmanager
def closed_to_newcomers(url: str) -> Iterator[None]:
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with psycopg.connect(url, dbname="postgres", autocommit=True) as admin:
        admin.execute(f"alter database {name} allow_connections false")
        try:
            yield
        finally:
            admin.execute(f"alter database {name} allow_connections true")


async def test_workers_take_turns_at_the_clock(database: Database, db: Db) -> None:
    async with jobs.running(settings_with(), database), jobs.running(settings_with(), database):
        await until(lambda: minutes)
        await finished(db, "tests.every_minute")
    turns = [job["args"]["timestamp"] for job in waiting(db, "tests.every_minute")]
    assert len(turns) == len(set(turns)) == len(minutes)


def a_job_of_a_dead_worker(db: Db, **columns: Any) -> None:
    dead = insert(db, "procrastinate_workers", last_heartbeat=datetime.now(UTC) - timedelta(minutes=2))
    job = insert(db, "procrastinate_jobs", **{"queue_name": "default", "task_name": "tests.note", **columns})
    update(db, "procrastinate_jobs", job, status="doing", worker_id=dead["id"])


async def test_the_job_of_a_dead_worker_is_taken_up(database: Database, db: Db) -> None:
    a_job_of_a_dead_worker(db, queueing_lock="mine")
    await enqueue(database, "tests.note", queueing_lock="mine", what="came later")
    await take_up_stalled_jobs(context(database))
    assert [(job["status"], job["attempts"]) for job in waiting(db, "tests.note")] == [("todo", 1), ("todo", 0)]


async def test_the_job_of_a_living_worker_is_left_alone(database: Database, db: Db) -> None:
    a_job_of_a_dead_worker(db)
    db.execute("update procrastinate_workers set last_heartbeat = now()")
    await take_up_stalled_jobs(context(database))
    assert waiting(db, "tests.note")[0]["status"] == "doing"


async def test_a_job_whose_end_was_never_written_down_is_taken_up(database: Database, db: Db) -> None:
    a_job_of_a_dead_worker(db)
    db.execute("update procrastinate_workers set last_heartbeat = now()")
    db.execute("update procrastinate_events set at = now() - interval '1 hour'")
    await take_up_stalled_jobs(context(database))
    assert waiting(db, "tests.note")[0]["status"] == "todo"


async def test_a_job_that_was_there_at_every_death_is_not_tried_for_ever(database: Database, db: Db) -> None:
    a_job_of_a_dead_worker(db, attempts=4)
    await take_up_stalled_jobs(context(database))
    assert waiting(db, "tests.note")[0]["status"] == "failed"


async def test_tidying_removes_what_nobody_asks_for_any_more(database: Database, db: Db) -> None:
    user = a_user(db)["id"]
    for name, age in ((b"old", timedelta(days=60)), (b"new", timedelta(0))):
        then = utc_now() - age
        insert(db, "user_sessions", token_hash=name, user_id=user, expires_at=then + timedelta(days=1))
        insert(db, "idempotency_keys", key_hash=name, body_hash=b"", status=200, answer=b"", created_at=then)
        insert(db, "rate_limits", name="sign in", subject_hash=name, window_began=then, times=1)
    await tidy(context(database))
    assert [row["token_hash"] for row in rows(db, "select token_hash from user_sessions")] == [b"new"]
    assert [row["key_hash"] for row in rows(db, "select key_hash from idempotency_keys")] == [b"new"]
    assert [row["subject_hash"] for row in rows(db, "select subject_hash from rate_limits")] == [b"new"]


async def test_finished_jobs_stay_a_week_and_failed_ones_four(database: Database, db: Db) -> None:
    for status, days in (("succeeded", 6), ("succeeded", 8), ("failed", 8), ("failed", 29), ("todo", 90)):
        job = insert(db, "procrastinate_jobs", queue_name="default", task_name=f"{status} {days} days ago")
        update(db, "procrastinate_jobs", job, status=status)
        db.execute(
            "update procrastinate_events set at = now() - %s * interval '1 day' where job_id = %s", (days, job["id"])
        )
    await tidy(context(database))
    left = rows(db, "select task_name from procrastinate_jobs order by id")
    assert [job["task_name"] for job in left] == ["succeeded 6 days ago", "failed 8 days ago", "todo 90 days ago"]
