"""The API's door: keys, versions, idempotency and ordered faults around the endpoints."""

import asyncio
import base64
import binascii
import hmac
import json
import re
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rft.fake_stripe import faults, idempotency, parameters
from rft.fake_stripe.books import DEFAULT_API_VERSION, Origin, new_id
from rft.fake_stripe.endpoints import Call, find_endpoint
from rft.fake_stripe.faults import Fault
from rft.fake_stripe.ledger import Ledger
from rft.fake_stripe.parameters import Parameters
from rft.fake_stripe.refusals import Refused

VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(\.[a-z_]+)?(;.*)?")
LARGEST_BODY = 1_000_000
CUT_THE_LINE = "rft.cut_the_line"


class CutOff(Response):
    """A reply that never arrives: the line is cut, and the client sees a broken connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cut = scope.get("extensions", {}).get(CUT_THE_LINE)
        if cut is None:
            # Under a server that is not ours the next best is a reply that breaks off after its headers.
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
            await send({"type": "http.response.body", "body": b"{", "more_body": True})
            return
        cut["now"]()
        while (await receive())["type"] != "http.disconnect":
            continue


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    replayed: bool = False


@dataclass(frozen=True)
class Api:
    ledger: Ledger
    secret_key: str
    publishable_key: str
    public_url: str | None

    async def __call__(self, request: Request) -> Response:
        origin = Origin(
            new_id("req_"),
            request.headers.get("idempotency-key") if request.method == "POST" else None,
            request.headers.get("stripe-version", DEFAULT_API_VERSION),
        )
        fault: Fault | None = None
        try:
            self.require_key(request)
            if not VERSION.fullmatch(origin.api_version):
                raise Refused(f"Invalid Stripe API version: {origin.api_version}")
            encoded = await require_body(request) if request.method == "POST" else request.scope["query_string"]
            given = parameters.decode(encoded)
            with self.ledger.books() as books:
                fault = faults.take(books.connection, request.method, request.url.path)
            if fault and fault.act == "answer":
                raise fault.refusal()
            answer = await self.answer(request, origin, given, fault)
        except Refused as refused:
            answer = Answer(refused.status, as_json(refused.body()))
        return await self.reply(origin, answer, fault)

    def require_key(self, request: Request) -> None:
        key = bearer(request.headers.get("authorization", ""))
        if not key:
            message = (
                "You did not provide an API key. Provide it as a bearer token: 'Authorization: Bearer YOUR_SECRET_KEY'."
            )
            raise Refused(message, status=401)
        if hmac.compare_digest(key.encode(), self.publishable_key.encode()):
            message = "This API call cannot be made with a publishable API key. Please use a secret API key."
            raise Refused(message, status=401, code="secret_key_required")
        if not hmac.compare_digest(key.encode(), self.secret_key.encode()):
            raise Refused(f"Invalid API Key provided: {key[:8]}{'*' * 8}", status=401)

    async def answer(self, request: Request, origin: Origin, given: dict[str, Any], fault: Fault | None) -> Answer:
        """The stored answer for a known idempotency key, else the endpoint's, kept under the key."""
        key = origin.idempotency_key
        if key is not None:
            endpoint = f"{request.method} {request.url.path}"
            with self.ledger.books() as books:
                kept = idempotency.begin(books.connection, books.now, key, endpoint, given)
            if kept is not None:
                return Answer(kept.status, kept.body, replayed=True)
        try:
            if fault and fault.act == "delay_before":
                await asyncio.sleep(fault.seconds)
            return self.execute(request, origin, given)
        except BaseException:
            if key is not None:
                with self.ledger.books() as books:
                    idempotency.release(books.connection, key)
            raise

    def execute(self, request: Request, origin: Origin, given: dict[str, Any]) -> Answer:
        """The effect and the keeping of its answer are one transaction; a refusal that had begun is kept alone."""
        key = origin.idempotency_key
        endpoint, object_id = find_endpoint(request.method, request.url.path)
        base_url = self.public_url or str(request.base_url).rstrip("/")
        try:
            with self.ledger.books(origin) as books:
                expand = Parameters(given).texts("expand")
                body = as_json(endpoint(Call(books, Parameters(given), expand, object_id, base_url)))
                if key is not None:
                    idempotency.keep(books.connection, key, 200, body)
        except Refused as refused:
            body = as_json(refused.body())
            if key is not None and refused.begun:
                with self.ledger.books() as books:
                    idempotency.keep(books.connection, key, refused.status, body)
            raise
        return Answer(200, body)

    async def reply(self, origin: Origin, answer: Answer, fault: Fault | None) -> Response:
        if fault and fault.act == "delay_after":
            await asyncio.sleep(fault.seconds)
        if fault and fault.act == "lose_reply":
            return CutOff()
        if fault and fault.act == "fail_after":
            answer = Answer(fault.status, as_json(fault.refusal().body()))
        headers = {"Request-Id": str(origin.request_id), "Stripe-Version": origin.api_version}
        if origin.idempotency_key is not None:
            headers["Idempotency-Key"] = origin.idempotency_key
        if answer.replayed:
            headers["Idempotent-Replayed"] = "true"
        return Response(answer.body, answer.status, headers, "application/json")


def bearer(header: str) -> str:
    """The key, given as a bearer token or, as with curl -u, as the user name."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().split(":", 1)[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


async def require_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise Refused("The request body is too large.", status=413)
    return bytes(body)


def as_json(body: dict[str, Any]) -> str:
    return json.dumps(body, indent=2)
