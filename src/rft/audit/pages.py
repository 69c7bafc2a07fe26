"""The activity log for the office: who did what, from what to what, with an export."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from rft.audit.queries import Activity, ActivityFilter, list_actions, list_activity, list_people, walk_activity
from rft.audit.words import in_words, tell
from rft.database.pool import Database
from rft.kit.clock import london_today, to_iso, utc_now
from rft.kit.pages import page_of
from rft.kit.sheets import csv_lines
from rft.web.dependencies import Db, require_role
from rft.web.lists import ById, Choice, Search, address, neighbours, read_number
from rft.web.templates import render

router = APIRouter(prefix="/office/activity", dependencies=[Depends(require_role("admin"))])

_HEADINGS = (
    "When", "Who", "Action", "About", "Kind", "Number", "Before", "After", "Address", "Browser",
)  # fmt: skip
_ENTITIES = {
    "booking": "Bookings", "course": "Courses", "discount_code": "Discount codes",
    "instructor": "Instructors", "order": "Orders", "outbox_mail": "E-mails",
    "schedule": "Dates", "system": "The system", "user": "People", "venue": "Venues",
}  # fmt: skip


class Filters:
    """What the form asks for, as typed; `wanted` is what it means."""

    def __init__(
        self, who: Choice = "", action: Choice = "", entity: Choice = "", number: Choice = "", q: Search = ""
    ) -> None:
        self.typed = {"who": who, "action": action, "entity": entity, "number": number, "q": q}
        self.wanted = ActivityFilter(
            admin_id=read_number(who), action=action, entity_type=entity, entity_id=read_number(number), about=q
        )


Asked = Annotated[Filters, Depends()]


@router.get("")
async def index(request: Request, database: Db, window: ById, asked: Asked) -> Response:
    async with database.connection() as db:
        found = await list_activity(db, asked.wanted, window)
        actions = await list_actions(db)
        people = await list_people(db)
    page = page_of(found, window, lambda act: act.id)
    return render(
        request,
        "office/activity/index.html",
        page=page,
        filters=asked.typed,
        actions=[(value, in_words(label)) for value, label in actions],
        people=people,
        entities=list(_ENTITIES.items()),
        told=[tell(act) for act in page.rows],
        links=neighbours("/office/activity", asked.typed, page),
        export=address("/office/activity/export.csv", asked.typed),
    )


@router.get("/export.csv")
async def export(database: Db, asked: Asked) -> Response:
    """Streamed: the whole log, or what the filters leave of it."""
    name = f"activity-{london_today(utc_now()).isoformat()}.csv"
    return StreamingResponse(
        _lines(database, asked.wanted),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


async def _lines(database: Database, wanted: ActivityFilter) -> AsyncIterator[str]:
    # The mark tells a spreadsheet that the text is UTF-8.
    yield "\ufeff" + csv_lines([_HEADINGS])
    async for acts in walk_activity(database, wanted):
        yield csv_lines(_row(act) for act in acts)


def _row(act: Activity) -> list[object]:
    return [
        to_iso(act.created_at), act.admin_name, act.action, act.entity_name, act.entity_type, act.entity_id,
        _json(act.old_values), _json(act.new_values), act.address, act.user_agent,
    ]  # fmt: skip


def _json(values: dict[str, Any] | None) -> str | None:
    return json.dumps(values, ensure_ascii=False) if values is not None else None
