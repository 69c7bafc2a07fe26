"""Forms that only our own pages can send: a token bound to the visitor, and the browser's word on their origin."""

import base64
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request

from rft.errors import Refusal

FIELD = "csrf_token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_SIZE = 32


class ForeignForm(Refusal):
    status = 403
    title = "This form has expired"
    sentence = (
        "This form is too old, or it did not come from our own page. Nothing was done: "
        "please go back, load the page again and send it once more."
    )


def token_for(secret_key: str, binding: str) -> str:
    """The form's token for one visitor, masked afresh each time so that a compressed page cannot give it away."""
    mask = secrets.token_bytes(_SIZE)
    return base64.urlsafe_b64encode(mask + _mixed(mask, _mac(secret_key, binding))).decode()


def is_right(secret_key: str, binding: str, token: str) -> bool:
    """Whether the token was made for this visitor."""
    try:
        raw = base64.urlsafe_b64decode(token.encode())
    except ValueError:
        return False
    return len(raw) == 2 * _SIZE and hmac.compare_digest(_mixed(raw[:_SIZE], raw[_SIZE:]), _mac(secret_key, binding))


async def require_own_form(request: Request, binding: str) -> None:
    """Raises ForeignForm unless an unsafe request comes from a page of ours and carries the visitor's own token."""
    if request.method in SAFE_METHODS:
        return
    settings = request.app.state.settings
    if not _is_from_here(request, settings.base_url):
        raise ForeignForm
    token = (await request.form()).get(FIELD, "")
    if not binding or not isinstance(token, str) or not is_right(settings.secret_key, binding, token):
        raise ForeignForm


def _is_from_here(request: Request, base_url: str) -> bool:
    """What the browser says. Old browsers say nothing; the token then stands alone."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return True
    # The configured address, or the one that the browser has in its address line (localhost for 127.0.0.1).
    return origin == _origin(base_url) or urlsplit(origin).netloc == request.headers.get("host")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _mac(secret_key: str, binding: str) -> bytes:
    return hmac.digest(secret_key.encode(), b"csrf\n" + binding.encode(), "sha256")


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
