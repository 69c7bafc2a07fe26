"""The test controls under /_control: the ledger's acts by name, as JSON, for whoever holds the secret key."""

import asyncio
import hmac
import inspect
import json
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from rft.fake_stripe.api import bearer
from rft.fake_stripe.books import shown
from rft.fake_stripe.courier import Courier
from rft.fake_stripe.ledger import Ledger
from rft.fake_stripe.refusals import Refused

LEDGER_ACTS = [
    "announce",
    "authenticate",
    "change",
    "clear_faults",
    "close_dispute",
    "copy_webhooks",
    "delay_webhooks",
    "deliveries",
    "drop_pending",
    "drop_webhooks",
    "dump",
    "expire_keys",
    "fail_refund",
    "fault",
    "finish_refund",
    "later_seconds",
    "next_refund",
    "objects",
    "open_dispute",
    "pause_webhooks",
    "pay",
    "pay_out",
    "redeliver",
    "reset",
    "resume_webhooks",
    "set_webhook",
    "settle",
    "tick",
]
COURIER_ACTS = ["deliver", "wait_until_quiet"]


def control_routes(ledger: Ledger, courier: Courier, secret_key: str) -> list[Route]:
    """`POST /_control/<act>` with a JSON object of arguments answers `{"result": …}`."""
    acts: dict[str, Callable[..., Any]] = {name: getattr(ledger, name) for name in LEDGER_ACTS}
    acts |= {name: getattr(courier, name) for name in COURIER_ACTS}

    async def perform(request: Request) -> JSONResponse:
        if not hmac.compare_digest(bearer(request.headers.get("authorization", "")).encode(), secret_key.encode()):
            return refusal(401, "The test controls need the secret key.")
        act = acts.get(request.path_params["act"])
        if act is None:
            return refusal(404, f"There is no such control; there are {', '.join(sorted(acts))}.")
        try:
            arguments = json.loads(await request.body() or b"{}")
            bound = inspect.signature(act).bind(**arguments)
        except (ValueError, TypeError) as error:
            return refusal(400, f"These are not the arguments of {request.path_params['act']}: {error}.")
        try:
            result = act(*bound.args, **bound.kwargs)
            if asyncio.iscoroutine(result):
                result = await result
        except Refused as refused:
            return JSONResponse(refused.body(), refused.status)
        return JSONResponse({"result": plain(result)})

    return [Route("/_control/{act}", perform, methods=["POST"])]


def plain(result: Any) -> Any:
    if is_dataclass(result) and not isinstance(result, type):
        fields = asdict(result)
        return {**fields, "session": shown(fields["session"])} if "session" in fields else fields
    return result


def refusal(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": {"message": message, "type": "invalid_request_error"}}, status)
