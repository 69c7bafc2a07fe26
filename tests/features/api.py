"""The JSON API as another program calls it: what is sent, how a refusal reads, and what all tables hold afterwards."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from rft.bookings.queries import Booking, get_booking
from rft.database.pool import Connection
from rft.kit.clock import to_iso, utc_now
from rft.kit.references import hash_token
from tests.builders import FIRST_MONDAY, Db, Row, insert

API = "http://rft.test/api/v1"
AMINA = {"email": "amina@example.com", "first_name": "Amina", "last_name": "Khan"}
# What only a driver, a database or a stack trace would say.
_INSIDE = ("psycopg", "sqlstate", "constraint", "violates", "relation", "traceback", "select ", "insert ", "detail:")
_TABLES = """
select format('%I.%I', schemaname, tablename) as name
  from pg_tables
 where schemaname in ('public', 'jobs')
 order by 1
"""
_LOOK = """
select '{name}' as name, count(*) as rows, md5(string_agg(md5(kept::text), '' order by md5(kept::text))) as digest from {name} as kept
"""


class Api(httpx.AsyncClient):
    """A program that calls us."""

    async def order(self, schedule: Row, *, key: str | None = None, **fields: Any) -> httpx.Response:
        headers = {"idempotency-key": key} if key is not None else {}
        return await self.post("/orders", json=an_order(schedule, **fields), headers=headers)

    async def post_raw(self, path: str, body: bytes | str, **options: Any) -> httpx.Response:
        """Posts a body as it is, said to be JSON."""
        headers = {"content-type": "application/json"} | options.pop("headers", {})
        return await self.post(path, content=body, headers=headers, **options)


def an_order(schedule: Row, **fields: Any) -> dict[str, Any]:
    """Amina's order of one seat by card, unless said otherwise."""
    defaults = {
        "schedule_id": schedule["id"],
        "seats": 1,
        "booker": AMINA,
        "payment_method": "card",
        "terms_version": "1",
    }
    return defaults | fields


def a_booker(name: str) -> dict[str, str]:
    return {"email": f"{name.lower()}@example.com", "first_name": name, "last_name": "Khan"}


def a_token(db: Db, user: Row) -> str:
    """A bearer token of the person's, in use: that it was used is noted once a minute, which is no trace of a call."""
    token, label = secrets.token_urlsafe(16), "till"
    insert(db, "api_tokens", token_hash=hash_token(token), user_id=user["id"], label=label, last_used_at=utc_now())
    return token


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal, once it has been seen that it is whole and gives nothing away."""
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert {"type", "title", "status", "detail", "code", "errors"} <= set(body)
    assert body["status"] == answer.status_code
    assert body["detail"].strip()
    assert not [word for word in _INSIDE if word in answer.text.lower()], answer.text
    return answer.status_code, body["code"]


def refused_fields(answer: httpx.Response) -> set[str]:
    """The fields that a 422 complains of."""
    assert problem(answer)[0] == 422
    return set(answer.json()["errors"])


def everything(db: Db) -> dict[str, tuple[int, str]]:
    """The number of rows of each table and a digest of them: equal before and after where nothing was stored or changed."""
    names = [row["name"] for row in db.execute(_TABLES).fetchall()]
    looks = " union all ".join(_LOOK.format(name=name) for name in names)
    return {row["name"]: (row["rows"], row["digest"]) for row in db.execute(looks.encode()).fetchall()}


def a_run(course: Row, venue: Row, *, start: datetime = FIRST_MONDAY, hours: int = 7, **fields: Any) -> dict[str, Any]:
    """What a schedule is asked for with; `start` is UTC."""
    times = {"start": to_iso(start), "end": to_iso(start + timedelta(hours=hours))}
    return {"course_id": course["id"], "venue_id": venue["id"], **times, **fields}


def ask_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes the application's own questions about the five rules out, so that only the database is left to decide."""

    async def no_question(*_: Any) -> None:
        return None

    async def confirm_unasked(db: Connection, booking_id: int) -> None:
        await db.execute(
            "update bookings set status = 'confirmed', payment_status = 'paid' where id = %s", (booking_id,)
        )

    async def as_if_over(db: Connection, reference: str) -> Booking:
        return replace(await get_booking(db, reference), status="completed")

    monkeypatch.setattr("rft.bookings.quotes._require_bookable", lambda *_: None)
    monkeypatch.setattr("rft.bookings.quotes.is_valid_for", lambda *_, **__: True)
    monkeypatch.setattr("rft.schedules.service.require_venue_free", no_question)
    monkeypatch.setattr("rft.payments.api.confirm_booking", confirm_unasked)
    monkeypatch.setattr("rft.certificates.service.get_booking", as_if_over)
