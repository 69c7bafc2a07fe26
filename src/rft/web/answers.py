"""JSON answers on hot paths: encoded once, by msgspec, without a model in between."""

from typing import Any

import msgspec
from fastapi import Response

_encode = msgspec.json.Encoder().encode


def json_answer(body: Any, status: int = 200) -> Response:
    return Response(_encode(body), status, media_type="application/json")
