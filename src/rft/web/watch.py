"""Sees every request from its start to its end: gives it an id, counts it, and answers what nothing else has caught."""

import secrets
import sys
import traceback
from time import perf_counter

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rft.errors import Refusal
from rft.web.logs import describe
from rft.web.metrics import Metrics
from rft.web.problems import answer
from rft.web.security.body_limit import ClientGone

_SLOW_SECONDS = 1.0
# As web servers log it: the browser closed the connection before it was answered.
_CLIENT_GONE = 499
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Watch:
    """Middleware. What it costs is a few microseconds: it wraps `send` once and looks at the clock twice."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, demo: bool) -> None:
        self.app = app
        self.metrics = metrics
        self.demo = demo

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope.setdefault("state", {})["request_id"] = secrets.token_hex(8)
        status = 0
        began = perf_counter()

        async def send_seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self.app(scope, receive, send_seen)
        except ClientGone:
            pass
        except Exception as error:  # noqa: BLE001 (the last place that can answer)
            self._note(scope, error)
            if not status:
                response = await answer(Request(scope), error)
                await response(scope, receive, send_seen)
        finally:
            self._count(scope, status or _CLIENT_GONE, perf_counter() - began)

    def _note(self, scope: Scope, error: Exception) -> None:
        """Logs what nobody foresaw. The incident number that the person reads is the request's id."""
        if isinstance(error, Refusal | HTTPException):
            return
        structlog.get_logger().error(
            "unexpected",
            incident=scope["state"]["request_id"],
            method=scope["method"],
            route=_route(scope),
            **describe(error),
        )
        if self.demo:
            # Here the people are invented, and whoever tries the system out wants to see what happened.
            traceback.print_exception(error, file=sys.stderr)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.metrics.count(method, route, status, seconds)
        if seconds > _SLOW_SECONDS:
            structlog.get_logger().warning(
                "slow",
                request_id=scope["state"]["request_id"],
                method=method,
                route=route,
                status=status,
                seconds=round(seconds, 3),
            )


def _route(scope: Scope) -> str:
    """The route's template, not the address: an address may hold a reference, and there are endless many."""
    route = scope.get("route")
    if route is not None:
        return str(scope.get("root_path", "") + route.path)
    # Plain routes (health, files) are known by their function; what no route took has none.
    return getattr(scope.get("endpoint"), "__name__", "none")
