"""What a page needs to know of the browser that asks: who is signed in, its CSRF token, and what to tell it. No row is
written for a stranger."""

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from rft.errors import Refusal
from rft.kit.clock import utc_now
from rft.kit.references import new_token
from rft.web.company import Company
from rft.web.security.cookies import read_cookie, set_cookie
from rft.web.security.csrf import token_for
from rft.web.security.flashes import Flash, clear_flashes, read_flashes
from rft.web.security.sessions import User, find_user, session_token

_VISITOR = "rft_visitor"
# What the visitor said to being counted: yes, no, or nothing yet.
CONSENT = "rft_consent"


@dataclass(slots=True, repr=False)
class Visit:
    """One request of a browser. `session_token` and `visitor` are what the cookies say, alive or not."""

    secret_key: str
    user: User | None
    session_token: str
    visitor: str
    company: Company
    flashes: list[Flash] = field(default_factory=list)
    new_visitor: str = ""
    consent: str = ""

    @property
    def binding(self) -> str:
        """What this browser's forms are bound to; empty for one that has never been given a form."""
        return self.session_token or self.visitor

    def csrf_token(self) -> str:
        """The token for a form on the page. A stranger gets a random name for it, which `finish` puts in a cookie."""
        if not self.binding:
            self.visitor = self.new_visitor = new_token()
        return token_for(self.secret_key, self.binding)

    def finish(self, request: Request, response: Response) -> None:
        """Sets the cookies that belong to a page that has been drawn."""
        if self.new_visitor:
            set_cookie(request, response, _VISITOR, self.new_visitor)
        if self.flashes:
            clear_flashes(request, response)


async def get_visit(request: Request) -> Visit:
    """The request's visit, looked up once. Raises Busy where a session cannot be looked up."""
    state = request.scope.setdefault("state", {})
    if "visit" not in state:
        state["visit"] = await _begin(request, await _find_signed_in(request))
    visit: Visit = state["visit"]
    return visit


async def get_visit_at_any_rate(request: Request) -> Visit:
    """The visit for an error's page, which is drawn for a stranger where the database is the error."""
    try:
        return await get_visit(request)
    except Refusal:
        visit = request.scope["state"]["visit"] = await _begin(request, None)
        return visit


async def _find_signed_in(request: Request) -> User | None:
    token = session_token(request)
    if not token:
        return None
    async with request.app.state.database.connection() as db:
        return await find_user(db, token, utc_now())


async def _begin(request: Request, user: User | None) -> Visit:
    return Visit(
        secret_key=request.app.state.settings.secret_key,
        user=user,
        session_token=session_token(request),
        visitor=read_cookie(request, _VISITOR),
        company=await request.app.state.company.get(),
        flashes=read_flashes(request, utc_now()),
        consent=read_cookie(request, CONSENT),
    )
