"""What routes ask for: the database, the settings, who is asking, and whether they may."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from rft.audit.service import Actor
from rft.database.pool import Database
from rft.errors import NotAllowed, SignInNeeded
from rft.settings import Settings
from rft.web.security.addresses import UNKNOWN, client_address
from rft.web.security.api_tokens import bearer_of, find_caller, get_caller
from rft.web.security.csrf import require_own_form
from rft.web.security.sessions import User
from rft.web.visits import Visit, get_visit


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _address(request: Request) -> str:
    return client_address(request)


async def begin_visit(request: Request) -> Visit:
    """Runs before every page: reads who is there, and refuses a form that is not our own."""
    visit = await get_visit(request)
    await require_own_form(request, visit.binding)
    return visit


async def find_signed_in(visit: Annotated[Visit, Depends(begin_visit)]) -> User | None:
    return visit.user


async def get_signed_in(visit: Annotated[Visit, Depends(begin_visit)]) -> User:
    """Raises SignInNeeded for a stranger: a page then leads to the sign-in and back."""
    if visit.user is None:
        raise SignInNeeded
    return visit.user


@dataclass(frozen=True, slots=True)
class Caller:
    """A known person who asks, and what the activity log keeps of it."""

    user: User
    actor: Actor

    @property
    def user_id(self) -> int:
        return self.user.id

    @property
    def role(self) -> str:
        return self.user.role


@dataclass(frozen=True, slots=True)
class Presented:
    """What an open call carries: a bearer token, which may be an order's own, and whose API token it is."""

    bearer: str
    user: User | None

    @property
    def is_admin(self) -> bool:
        return self.user is not None and self.user.role == "admin"


async def find_presented(request: Request) -> Presented:
    return Presented(bearer_of(request), await find_caller(request))


def require_role(*roles: str) -> Callable[[Request, User], Awaitable[Caller]]:
    """For a page: `Depends(require_role("admin"))` gives the caller, or refuses."""

    async def require(request: Request, user: Annotated[User, Depends(get_signed_in)]) -> Caller:
        return _with_role(request, user, roles)

    return require


def require_api_role(*roles: str) -> Callable[[Request, User], Awaitable[Caller]]:
    """For the API: `Depends(require_api_role("admin"))` gives the caller, or refuses."""

    async def require(request: Request, user: Annotated[User, Depends(get_caller)]) -> Caller:
        return _with_role(request, user, roles)

    return require


def _with_role(request: Request, user: User, roles: tuple[str, ...]) -> Caller:
    if user.role not in roles:
        raise NotAllowed
    address = client_address(request)
    return Caller(user, Actor(user.id, None if address == UNKNOWN else address, request.headers.get("user-agent")))


Db = Annotated[Database, Depends(_database)]
CurrentSettings = Annotated[Settings, Depends(_settings)]
ClientAddress = Annotated[str, Depends(_address)]
CurrentVisit = Annotated[Visit, Depends(begin_visit)]
MaybeSignedIn = Annotated[User | None, Depends(find_signed_in)]
SignedIn = Annotated[User, Depends(get_signed_in)]
Admin = Annotated[Caller, Depends(require_role("admin"))]
Teacher = Annotated[Caller, Depends(require_role("instructor", "admin"))]
ApiCaller = Annotated[Caller, Depends(require_api_role("customer", "instructor", "admin"))]
ApiTeacher = Annotated[Caller, Depends(require_api_role("instructor", "admin"))]
ApiAdmin = Annotated[Caller, Depends(require_api_role("admin"))]
OptionalApiCaller = Annotated[Presented, Depends(find_presented)]
