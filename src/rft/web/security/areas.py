"""Parts of the site that only an account's role opens, whatever their routes say: denied by default."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from rft.errors import NotAllowed, SecondFactorNeeded, SignInNeeded
from rft.kit.clock import utc_now
from rft.web.security.api_tokens import get_caller
from rft.web.security.sessions import owes_second_factor
from rft.web.visits import get_visit

AREAS: dict[str, frozenset[str]] = {
    "/office": frozenset({"admin"}),
    "/instructor": frozenset({"instructor", "admin"}),
    "/organisation": frozenset({"customer", "instructor", "admin"}),
    "/account": frozenset({"customer", "instructor", "admin"}),
    "/api/v1/admin": frozenset({"admin"}),
    "/api/v1/instructor": frozenset({"instructor", "admin"}),
}
_PREFIXES = tuple(AREAS)
# Their own account stays open to them: that is where a second factor is set up.
_FOR_STAFF = ("/office", "/instructor")


class ClosedAreas:
    """Middleware. Raises SignInNeeded or NotAllowed before a route, a body or an error of the area is looked at."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(_PREFIXES):
            await _require_entry(scope, receive)
        await self.app(scope, receive, send)


async def _require_entry(scope: Scope, receive: Receive) -> None:
    path = scope["path"]
    for prefix, roles in AREAS.items():
        if path == prefix or path.startswith(prefix + "/"):
            request = Request(scope, receive)
            user = await get_caller(request) if path.startswith("/api/") else (await get_visit(request)).user
            if user is None:
                raise SignInNeeded
            if user.role not in roles:
                raise NotAllowed
            if prefix in _FOR_STAFF and owes_second_factor(user, scope["app"].state.settings, utc_now()):
                raise SecondFactorNeeded
