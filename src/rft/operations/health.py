"""For operators: is the process alive, can it serve, and how is it doing. Plain routes, which know no visitors."""

import json
from ipaddress import ip_address

import psycopg
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from rft.database import revisions
from rft.errors import Busy, NotAllowed
from rft.web.security.addresses import client_address
from rft.web.security.api_tokens import find_caller

_PLAIN = {"cache-control": "no-store"}


def add_to(app: FastAPI) -> None:
    app.add_route("/healthz", healthz, include_in_schema=False)
    app.add_route("/readyz", readyz, include_in_schema=False)
    app.add_route("/metrics", metrics, include_in_schema=False)


async def healthz(request: Request) -> Response:
    """The process answers; it asks nobody."""
    del request
    return PlainTextResponse("ok\n", headers=_PLAIN)


async def readyz(request: Request) -> Response:
    """The database answers and its schema is the one that this code was written for."""
    try:
        stands_at = await _revision(request)
    except (Busy, psycopg.Error):
        return _readiness(503, database="unreachable", schema="unknown")
    if stands_at != revisions.newest():
        return _readiness(503, database="ok", schema="behind or ahead")
    return _readiness(200, database="ok", schema="ok")


async def metrics(request: Request) -> Response:
    """Prometheus' page: for this machine itself, or an admin's token."""
    await _require_operator(request)
    return Response(request.app.state.metrics.exposition(), media_type="text/plain; version=0.0.4", headers=_PLAIN)


async def _require_operator(request: Request) -> None:
    if ip_address(client_address(request)).is_loopback:
        return
    caller = await find_caller(request)
    if caller is None or caller.role != "admin":
        raise NotAllowed


async def _revision(request: Request) -> str:
    async with request.app.state.database.connection() as db:
        row = await (await db.execute("select version_num from alembic_version")).fetchone()
    return row["version_num"] if row else ""


def _readiness(status: int, **parts: str) -> Response:
    headers = _PLAIN if status == 200 else {**_PLAIN, "retry-after": "2"}
    return Response(json.dumps(parts), status, headers=headers, media_type="application/json")
