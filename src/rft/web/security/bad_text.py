"""Text that cannot be stored or is made to hurt: NUL bytes, halves of characters, JSON that is endless or says two things."""

import json
import re
from math import isinf

_DEEPEST = 32
# Read from left to right, so that an escaped backslash and a whole pair are passed over before a NUL or a half is seen.
_ESCAPES = re.compile(
    rb"\\\\"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2}))"
)
# The closing quote may be missing: a pattern that insisted would start over at every quote of a broken document.
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_BESIDE_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def has_bad_text(body: bytes, content_type: bytes) -> bool:
    """Whether a form or a JSON document holds text that cannot be stored."""
    if b"\x00" in body:
        return True
    if content_type == b"application/x-www-form-urlencoded":
        return b"%00" in body
    if content_type == b"application/json" and b"\\u" in body:
        return any(escape.group(1) for escape in _ESCAPES.finditer(body))
    return False


def is_too_deep(body: bytes) -> bool:
    """Whether a JSON document is nested so deep that only somebody who means harm would write it."""
    if body.count(b"[") + body.count(b"{") <= _DEEPEST:
        return False
    depth = 0
    for bracket in _STRING.sub(b"", body).translate(None, _BESIDE_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > _DEEPEST:
            return True
    return False


class _TwoMeanings(Exception):
    pass


def has_two_meanings(body: bytes) -> bool:
    """Whether a JSON document names a field twice or holds a number that is none (NaN, Infinity, 1e400).

    Readers differ in what they make of these: what one checks, another would act upon.
    """
    try:
        _DECODER.decode(body.decode("utf-8-sig"))
    except _TwoMeanings:
        return True
    except ValueError:
        # Not JSON at all: whatever reads it says so.
        return False
    return False


def _require_once(fields: list[tuple[str, object]]) -> None:
    if len({name for name, _ in fields}) < len(fields):
        raise _TwoMeanings


def _require_finite(number: str) -> None:
    if isinf(float(number)):
        raise _TwoMeanings


def _refuse(constant: str) -> None:
    raise _TwoMeanings


# Made once: making it costs as much as reading a short document.
_DECODER = json.JSONDecoder(object_pairs_hook=_require_once, parse_constant=_refuse, parse_float=_require_finite)
