"""The connection that reports read on: the replica's where there is one and it answers, else the main database's."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from starlette.requests import Request

from rft.database.pool import Connection, Database
from rft.errors import Busy


@asynccontextmanager
async def reading(request: Request) -> AsyncIterator[Connection]:
    """Raises Busy where neither has a connection to give."""
    replica: Database | None = request.app.state.replica
    main: Database = request.app.state.database
    async with AsyncExitStack() as stack:
        try:
            db = await stack.enter_async_context((replica or main).connection())
        except Busy:
            if replica is None:
                raise
            structlog.get_logger().warning("replica_unreachable")
            db = await stack.enter_async_context(main.connection())
        yield db
