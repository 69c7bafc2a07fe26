"""A sentence for the next page ("Saved."), carried there in a signed cookie that lives for minutes."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from rft.kit.clock import utc_now
from rft.web.security.cookies import delete_cookie, read_cookie, seal, set_cookie, unseal

COOKIE = "rft_flash"
_LIFE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Flash:
    """`kind`: info, success, warning or danger. `undo` is a path of ours that a form posts to, to take the act back."""

    kind: str
    text: str
    undo: str = ""


def flash(request: Request, response: Response, kind: str, text: str, *, undo: str = "") -> None:
    """Says the sentence on the next page that the person sees. Set it on the redirect that leads there."""
    now = utc_now()
    messages = [*read_flashes(request, now), Flash(kind, text, undo)][-3:]
    payload = json.dumps([asdict(message) for message in messages])
    sealed = seal(request.app.state.settings.secret_key, COOKIE, payload, now)
    set_cookie(request, response, COOKIE, sealed, seconds=_LIFE_SECONDS)


def read_flashes(request: Request, now: datetime) -> list[Flash]:
    payload = unseal(
        request.app.state.settings.secret_key, COOKIE, read_cookie(request, COOKIE), now, seconds=_LIFE_SECONDS
    )
    return [Flash(**message) for message in json.loads(payload)] if payload else []


def clear_flashes(request: Request, response: Response) -> None:
    if read_cookie(request, COOKIE):
        delete_cookie(request, response, COOKIE)
