"""Reads a request's body before anything else does, within bounds of size and time, in the forms spoken here."""

import asyncio

from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rft.errors import NotFound, NotValid
from rft.web.security.bad_text import has_bad_text, has_two_meanings, is_too_deep

MOST_BYTES = 256 * 1024
# Where files are sent: the page itself says how large one may be, with a little for the rest of the form.
_FILE = 5 * 1024 * 1024 + 16 * 1024
_LARGER = {"/office/bank/statements": _FILE, "/attending/certificate": _FILE}
# Where a file may be no text; the fields beside it are read by their own rules.
_BINARY = frozenset({"/attending/certificate"})
_SECONDS = 20
_MULTIPART = b"multipart/form-data"
_FORMS = (b"application/x-www-form-urlencoded", _MULTIPART)
_LETTERS = (b"utf-8", b"utf8", b"us-ascii")
_JSON = (b"application/json",)


class ClientGone(Exception):
    """The browser left in the middle of its request: there is nobody to answer."""


class BodyLimit:
    """Middleware. What comes through has a body of at most 256 KiB (where files are sent: more), whole, and without text that
    cannot be stored."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if "\x00" in scope["path"]:
            raise NotFound
        if b"%00" in scope["query_string"]:
            raise NotValid("The address holds a character that cannot be stored.")
        if scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            receive = _replay(await self._read(scope, receive), receive)
        await self.app(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        most = _LARGER.get(scope["path"], MOST_BYTES)
        if not length.isdigit() or int(length[:12]) > most:
            raise HTTPException(413 if length.isdigit() else 400)
        try:
            async with asyncio.timeout(_SECONDS):
                body = await _gather(receive, most)
        except TimeoutError:
            raise HTTPException(408) from None
        if body:
            _require_readable(scope["path"], headers.get(b"content-type", b""), body)
        return body


async def _gather(receive: Receive, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise HTTPException(413)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _require_readable(path: str, said: bytes, body: bytes) -> None:
    content_type, options = parse_options_header(said)
    if content_type not in (_JSON if path.startswith("/api/") else _FORMS):
        raise HTTPException(415)
    # A form may name any of Python's codecs as its letters': some make characters that cannot be stored out of harmless bytes.
    if content_type == _MULTIPART and options.get(b"charset", b"utf-8").lower() not in _LETTERS:
        raise HTTPException(415)
    if path not in _BINARY and has_bad_text(body, content_type):
        raise NotValid("What was sent holds a character that cannot be stored.")
    if content_type in _JSON and is_too_deep(body):
        raise NotValid("What was sent is nested too deep.")
    if content_type in _JSON and has_two_meanings(body):
        raise NotValid("What was sent names a field twice, or holds a number that is none.")


def _replay(body: bytes, receive: Receive) -> Receive:
    """Hands the body on as one message, and then whatever else the server has to say."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again
