"""Events over JSON, many at once, from visitors who agreed."""

from urllib.parse import urlsplit

import msgspec
from fastapi import APIRouter, Request, Response

from rft.analytics.consent import has_agreed, keep_visit, visit_name
from rft.analytics.queue import Event, EventQueue
from rft.analytics.rules import shortened, without_query
from rft.analytics.schemas import Batch
from rft.errors import NotValid
from rft.kit.clock import utc_now
from rft.web.problems import PROBLEMS
from rft.web.requests import read_body
from rft.web.security.addresses import client_address, network_of
from rft.web.security.limits import Limit, spend

router = APIRouter(tags=["Visits"], responses=PROBLEMS)
_decode = msgspec.json.Decoder(Batch).decode
_BATCHES = Limit("events", times=120, seconds=60)
_SCHEMA = {
    "type": "object",
    "required": ["events"],
    "additionalProperties": False,
    "properties": {
        "events": {
            "type": "array",
            "minItems": 1,
            "maxItems": 50,
            "items": {
                "type": "object",
                "required": ["type", "url"],
                "additionalProperties": False,
                "properties": {
                    "type": {"enum": ["page_view", "search", "checkout_step", "click"]},
                    "url": {"type": "string", "maxLength": 2000},
                    "referrer": {"type": "string", "maxLength": 2000},
                    "data": {
                        "type": "object",
                        "maxProperties": 10,
                        "additionalProperties": {"type": "string", "maxLength": 100},
                    },
                },
            },
        }
    },
}


@router.post(
    "/events",
    status_code=202,
    summary="Tells of a visit, once its visitor has agreed",
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}},
)
async def create_events(request: Request, response: Response) -> dict[str, int]:
    """Answers how many are kept: none without the visitor's consent. Raises NotValid, TooMany."""
    try:
        batch = _decode(await read_body(request))
    except (msgspec.DecodeError, UnicodeDecodeError) as cause:
        raise NotValid("Send 1 to 50 events, each with its type and url.", errors={"events": str(cause)}) from cause
    if not has_agreed(request):
        return {"accepted": 0}
    address = client_address(request)
    await spend(request.app.state.database, request.app.state.settings, _BATCHES, network_of(address))
    name, now, network = visit_name(request), utc_now(), shortened(address)
    agent = request.headers.get("user-agent", "")[:300]
    events: EventQueue = request.app.state.events
    for told in batch.events:
        page = urlsplit(without_query(told.url)).path
        events.put(Event(told.type, name, page, now, without_query(told.referrer), told.data, network, agent))
    keep_visit(request, response, name)
    return {"accepted": len(batch.events)}
