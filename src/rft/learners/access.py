"""How an attendee reaches their place: by the token of their link, which a cookie keeps out of addresses."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.kit.clock import utc_now
from rft.learners.queries import Place
from rft.learners.service import open_place
from rft.web.dependencies import CurrentSettings, Db
from rft.web.security.cookies import delete_cookie, read_cookie, set_cookie

_COOKIE = "rft_attendee"
_LIFE_SECONDS = 30 * 24 * 3600


async def get_own_place(request: Request, database: Db, settings: CurrentSettings) -> Place:
    """Raises LinkOver."""
    async with database.connection() as db:
        return await open_place(db, settings, read_cookie(request, _COOKIE), now=utc_now())


OwnPlace = Annotated[Place, Depends(get_own_place)]


def remember_place(request: Request, response: Response, token: str) -> None:
    set_cookie(request, response, _COOKIE, token, seconds=_LIFE_SECONDS)


def forget_place(request: Request, response: Response) -> None:
    delete_cookie(request, response, _COOKIE)
