"""An error is a sentence for a person with a status for a machine: drawn as problem+json under /api, else as a page."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import psycopg
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from rft.database.translate import refusal_from
from rft.errors import Busy, NotFound, NotValid, Refusal, SecondFactorNeeded
from rft.kit.clock import to_iso
from rft.web.forms import form_errors
from rft.web.security.csrf import SAFE_METHODS
from rft.web.security.redirects import see_other, sign_in_path
from rft.web.templates import render
from rft.web.visits import get_visit_at_any_rate

_RETRY_SECONDS = 2

# Statuses that Starlette and the middleware answer with: (code, title, sentence).
_WORDS: dict[int, tuple[str, str, str]] = {
    400: ("bad_request", "Not understood", "We could not read what was sent."),
    401: ("sign_in_needed", "Please sign in", "Please sign in first."),
    403: ("not_allowed", "Not allowed", "This may not be done here."),
    404: (
        "not_found",
        "Not found",
        "There is nothing at this address. It may have moved, or the link may be incomplete.",
    ),
    405: ("method_not_allowed", "Not possible here", "This address does not take that kind of request."),
    408: ("too_slow", "That took too long", "What was sent did not arrive in time. Please try again."),
    413: ("too_large", "Too large", "What was sent is larger than we can take."),
    415: ("unsupported_media_type", "Not in a form we read", "What was sent is not in a form that we can read here."),
    500: (
        "unexpected",
        "Something went wrong on our side",
        "We are sorry: this should not have happened. Please try again. If it comes back, tell us the incident number.",
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One error, ready to be drawn either way."""

    status: int
    code: str
    title: str
    detail: str
    errors: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


async def answer(request: Request, error: Exception) -> Response:
    """The exception handler of both applications and of the middleware around them."""
    problem = problem_of(error)
    if request.scope["path"].startswith("/api/"):
        return _as_json(request, problem)
    if problem.status == 401 and request.method in SAFE_METHODS:
        query = request.url.query
        return see_other(sign_in_path(request.url.path + (f"?{query}" if query else "")))
    if isinstance(error, SecondFactorNeeded) and request.method in SAFE_METHODS:
        return see_other("/account/second-factor")
    await get_visit_at_any_rate(request)
    incident = request.scope["state"].get("request_id", "") if problem.status == 500 else ""
    response = render(request, "errors/refused.html", problem.status, problem=problem, incident=incident)
    response.headers.update(problem.headers)
    return response


async def answer_database(request: Request, error: psycopg.Error) -> Response:
    """A rule's no that came straight from the driver. A fault of ours is raised again, to be logged."""
    refusal = refusal_from(error)
    if refusal is error:
        raise error
    return await answer(request, refusal)


def problem_of(error: Exception) -> Problem:
    """The problem that an error stands for; what nobody foresaw is a 500 that gives nothing away."""
    if isinstance(error, RequestValidationError | ValidationError):
        return _from_refusal(_refused_input(error))
    if isinstance(error, msgspec.DecodeError):
        return _from_refusal(NotValid(errors={"": str(error)}))
    if isinstance(error, Refusal):
        return _from_refusal(error)
    if isinstance(error, HTTPException):
        code, title, sentence = _WORDS.get(error.status_code, _WORDS[400])
        return Problem(error.status_code, code, title, sentence, headers=dict(error.headers or {}))
    return Problem(500, *_WORDS[500])


def _refused_input(error: RequestValidationError | ValidationError) -> Refusal:
    """An address with an id that cannot be one is an address of nothing."""
    if any(one["loc"][:1] == ("path",) for one in error.errors()):
        return NotFound()
    return NotValid(errors=form_errors(error))


def _from_refusal(refusal: Refusal) -> Problem:
    headers = {}
    if refusal.status == 401:
        headers["www-authenticate"] = "Bearer"
    if "retry_after" in refusal.facts or isinstance(refusal, Busy):
        headers["retry-after"] = str(refusal.facts.get("retry_after", _RETRY_SECONDS))
    facts = {name: _plain(value) for name, value in refusal.facts.items()}
    return Problem(refusal.status, refusal.code, refusal.title, refusal.detail, refusal.errors, facts, headers)


def _plain(value: object) -> Any:
    """Facts as the API writes values: money as text, times with their offset."""
    if isinstance(value, datetime):
        return to_iso(value)
    if isinstance(value, Decimal | date):
        return str(value)
    return value if isinstance(value, str | int | float | None) else json.loads(json.dumps(value, default=str))


def _as_json(request: Request, problem: Problem) -> Response:
    body: dict[str, Any] = {
        "type": f"/docs/problems#{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "errors": problem.errors,
    }
    if problem.facts:
        body["facts"] = problem.facts
    if problem.status == 500:
        body["incident"] = request.scope["state"].get("request_id", "")
    return Response(
        json.dumps(body, ensure_ascii=False), problem.status, problem.headers, media_type="application/problem+json"
    )


# What both applications are given.
HANDLERS: dict[int | type[Exception], Any] = {
    **dict.fromkeys(
        (Refusal, RequestValidationError, ValidationError, HTTPException, msgspec.DecodeError, Exception), answer
    ),
    psycopg.Error: answer_database,
}


def _described(description: str) -> dict[str, Any]:
    texts = {name: {"type": "string"} for name in ("type", "title", "detail", "code")}
    schema = {
        "title": "Problem",
        "type": "object",
        "required": ["type", "title", "status", "detail", "code", "errors"],
        "properties": texts
        | {"status": {"type": "integer"}, "errors": {"type": "object", "additionalProperties": {"type": "string"}}}
        | {"facts": {"type": "object"}, "incident": {"type": "string"}},
    }
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}


# What every route of the API may answer besides its own, for the description of the API.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    422: _described("What was sent is not right; `errors` has a sentence by field."),
    429: _described("That was too often: wait for the seconds in Retry-After."),
    "default": _described("A refusal; `code` is its name."),
}
