"""Makes a race happen: holds a lock that stops every session at its sensitive step, and lets them all go at once.

A plain burst misses a total absence of locking most of the time; with the held lock the sessions have all made their checks
before the first of them writes. The product needs no hook for it.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import psycopg
from psycopg import IsolationLevel

from tests.builders import Db
from tests.conftest import Connect

T = TypeVar("T")
Outcome = T | psycopg.Error
LEVELS = (IsolationLevel.READ_COMMITTED, IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE)
TRANSIENT = ("40001", "40P01")
_PATIENCE = 20.0


def amplify(
    connect: Connect,
    hold: str,
    acts: Sequence[Callable[[Db], T]],
    *,
    level: IsolationLevel = IsolationLevel.READ_COMMITTED,
    retry: bool = True,
) -> list[T | psycopg.Error]:
    """Runs each act in a transaction of its own while `hold` is held; releases it once every act waits or has ended.

    Each transaction has read the database before the hold is released, so under the higher levels its snapshot is old.
    Victims of a deadlock or a serialisation failure try again, as the application does, unless told otherwise.
    """
    holder = connect(autocommit=False)
    holder.execute(hold)
    sessions = [connect(autocommit=False) for _ in acts]
    with ThreadPoolExecutor(len(acts)) as pool:
        waiting = [
            pool.submit(_attempt, session, act, level, retry=retry) for session, act in zip(sessions, acts, strict=True)
        ]
        _wait_until_all_stand_still(connect(), waiting)
        holder.commit()
        return [future.result() for future in waiting]


def in_background(session: Db, act: Callable[[Db], T], watcher: Db) -> "Future[T | psycopg.Error]":
    """Starts the act and returns once it waits for a lock (or has ended); it is not committed."""
    pool = ThreadPoolExecutor(1)
    future: Future[T | psycopg.Error] = pool.submit(_attempt, session, act, IsolationLevel.READ_COMMITTED, retry=False)
    pool.shutdown(wait=False)
    _wait_until_all_stand_still(watcher, [future])
    return future


def refusals(outcomes: Sequence[object]) -> list[str]:
    """What each failure was, sorted: the rule's name, or the SQLSTATE where no rule spoke."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, psycopg.Error)]
    return sorted(error.diag.constraint_name or error.sqlstate or "?" for error in errors)


def successes(outcomes: Sequence[object]) -> int:
    return sum(not isinstance(outcome, psycopg.Error) for outcome in outcomes)


def _attempt(session: Db, act: Callable[[Db], T], level: IsolationLevel, *, retry: bool) -> T | psycopg.Error:
    if session.isolation_level != level and session.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
        session.isolation_level = level
    while True:
        try:
            session.execute("select count(*) from users")
            done = act(session)
            session.commit()
        except psycopg.Error as error:
            session.rollback()
            if not retry or error.sqlstate not in TRANSIENT:
                return error
        else:
            return done


def _wait_until_all_stand_still(watcher: Db, acts: Sequence["Future[T]"]) -> None:
    query = (
        "select count(*) as blocked from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock' and pid <> pg_backend_pid()"
    )
    deadline = time.monotonic() + _PATIENCE
    while True:
        ended = sum(act.done() for act in acts)
        row = watcher.execute(query).fetchone()
        if row is not None and row["blocked"] + ended >= len(acts):
            return
        assert time.monotonic() < deadline, "an act neither waits for a lock nor ends"
        time.sleep(0.01)
