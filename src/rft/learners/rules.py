"""What a link is made of, who is old enough, and what kind of file was sent in."""

import base64
import hmac
import secrets
from datetime import date

LARGEST_FILE = 5 * 1024 * 1024
_MARK_LENGTH = 22
# What a file begins with, whatever it is called and whatever the browser says that it is.
_BEGINNINGS = ((b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"))


def new_link_token(secret_key: str) -> str:
    """256 random bits and a mark of ours: what was never a link is refused without asking the database."""
    body = secrets.token_urlsafe(32)
    return body + _mark(secret_key, body)


def is_link_token(secret_key: str, token: str) -> bool:
    body, mark = token[:-_MARK_LENGTH], token[-_MARK_LENGTH:]
    return hmac.compare_digest(_mark(secret_key, body).encode(), mark.encode("utf-8", "replace"))


def _mark(secret_key: str, body: str) -> str:
    digest = hmac.digest(secret_key.encode(), b"attendee-link\n" + body.encode("utf-8", "replace"), "sha256")
    return base64.urlsafe_b64encode(digest)[:_MARK_LENGTH].decode()


def age_on(day: date, born: date) -> int:
    """In whole years; who was born on 29 February is a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def media_type_of(content: bytes) -> str | None:
    """By how it begins; None for anything but a PDF or a JPEG picture."""
    return next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), None)
