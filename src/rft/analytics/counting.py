"""Counts the pages, searches and steps of a booking that people see who agreed to it. For all others it only reads a cookie."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rft.analytics.consent import has_agreed, keep_visit, visit_name
from rft.analytics.queue import Event, EventQueue
from rft.analytics.rules import is_counted, page_of, searched, shortened, source_of, step_of, without_query
from rft.kit.clock import utc_now
from rft.web.security.addresses import client_address

_LONGEST_AGENT = 300


class CountVisits:
    """Middleware. It looks at the answer as it leaves, and puts what it saw into a queue in memory."""

    def __init__(self, app: ASGIApp, events: EventQueue) -> None:
        self.app = app
        self.events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_counted(scope["path"]) or not has_agreed(request := Request(scope)):
            await self.app(scope, receive, send)
            return

        async def send_seen(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._see(request, message)
            await send(message)

        await self.app(scope, receive, send_seen)

    def _see(self, request: Request, message: Message) -> None:
        headers = dict(message["headers"])
        route = getattr(request.scope.get("route"), "path", "")
        step = step_of(request.method, route, message["status"])
        is_page = (
            request.method == "GET"
            and message["status"] == 200
            and headers.get(b"content-type", b"").startswith(b"text/html")
        )
        if not route or not (is_page or step):
            return
        name = visit_name(request)
        for kind, data in _seen(request, route, step, is_page=is_page):
            self.events.put(_event(request, name, route, kind, data))
        cookie = Response()
        keep_visit(request, cookie, name)
        message["headers"] = [*message["headers"], *(pair for pair in cookie.raw_headers if pair[0] == b"set-cookie")]


def _seen(request: Request, route: str, step: str | None, *, is_page: bool) -> list[tuple[str, dict[str, str]]]:
    """Kinds of event and what belongs to each."""
    seen: list[tuple[str, dict[str, str]]] = []
    query = request.url.query
    if is_page:
        own_host = urlsplit(request.app.state.settings.base_url).hostname or ""
        source = source_of(request.headers.get("referer", ""), own_host, query)
        seen.append(("page_view", {"source": source} if source else {}))
    if is_page and route == "/dates" and (asked := searched(query)):
        seen.append(("search", asked))
    if step:
        seen.append(("booking" if step in ("booked", "paid") else "checkout_step", {"step": step}))
    return seen


def _event(request: Request, name: str, route: str, kind: str, data: dict[str, str]) -> Event:
    visit = request.scope.get("state", {}).get("visit")
    return Event(
        kind,
        name,
        page_of(request.url.path, route, request.scope.get("path_params", {})),
        utc_now(),
        without_query(request.headers.get("referer", "")),
        data,
        shortened(client_address(request)),
        request.headers.get("user-agent", "")[:_LONGEST_AGENT],
        visit.user.id if visit is not None and visit.user is not None else None,
    )
