"""Connections to PostgreSQL: a pool of warmed, pinned ones, and the transaction that every service runs in."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import psycopg
import psycopg_pool
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from rft.database.translate import refusal_from
from rft.errors import Busy

# Every session of ours: UTC, the jobs' schema behind our own, and no transaction left open over something slow.
SESSION_OPTIONS = (
    "-c timezone=UTC -c search_path=public,jobs -c idle_in_transaction_session_timeout=30s"
    " -c statement_timeout=30s -c lock_timeout=10s"
)
_RETRIES = 5
_TRANSIENT = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)

Row = dict[str, Any]
Connection = AsyncConnection[DictRow]
T = TypeVar("T")


class Database:
    """The pool. `transaction()` is how a service writes; constraint violations come out of it as refusals."""

    def __init__(self, url: str, *, size: int = 8) -> None:
        self.url = url
        self.pool: psycopg_pool.AsyncConnectionPool[Connection] = psycopg_pool.AsyncConnectionPool(
            url,
            kwargs={"options": SESSION_OPTIONS, "row_factory": dict_row, "autocommit": True},
            connection_class=AsyncConnection[DictRow],
            min_size=min(2, size),
            max_size=size,
            timeout=2.0,
            max_waiting=size * 64,
            reconnect_timeout=10.0,
            check=None,
            open=False,
        )

    async def open(self, *, wait: bool = True) -> None:
        """Without `wait` it connects in the background, and it is no fault that nobody answers yet."""
        await self.pool.open(wait=wait, timeout=15.0)

    async def close(self) -> None:
        await self.pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """For reading: each statement stands alone. Raises Busy where no connection is to be had in time."""
        try:
            async with self.pool.connection() as db:
                yield db
        except (psycopg_pool.PoolTimeout, psycopg_pool.TooManyRequests) as cause:
            raise Busy from cause
        except psycopg.Error as cause:
            raise refusal_from(cause) from cause

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """For writing: all or nothing. A rule's no comes out as its Refusal, an unreachable database as Busy."""
        async with self.connection() as db, db.transaction():
            yield db

    async def run(self, work: Callable[[Connection], Awaitable[T]], *, in_transaction: bool = True) -> T:
        """Runs the work in a transaction, again where PostgreSQL chose it as the victim of a deadlock or a serialisation failure.

        Without `in_transaction` each statement is a transaction of its own: for work that writes with one statement, whose locks
        then are not kept over the network.
        """
        for attempt in range(_RETRIES):
            try:
                async with self.pool.connection() as db:
                    if not in_transaction:
                        return await work(db)
                    async with db.transaction():
                        return await work(db)
            except _TRANSIENT as cause:
                if attempt == _RETRIES - 1:
                    raise Busy from cause
                await asyncio.sleep(random.uniform(0.005, 0.05) * (attempt + 1))  # noqa: S311 (jitter, not a secret)
            except (psycopg_pool.PoolTimeout, psycopg_pool.TooManyRequests) as cause:
                raise Busy from cause
            except psycopg.Error as cause:
                raise refusal_from(cause) from cause
        raise AssertionError("the last attempt returns or raises")
