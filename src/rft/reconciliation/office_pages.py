"""The office's page of reconciliation: nothing differs, said with the sums, or what differs and where to look."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft import jobs
from rft.audit.service import record
from rft.database.pool import Connection, Database
from rft.errors import NotValid, Refusal
from rft.kit.clock import london_today, utc_now
from rft.kit.fields import LARGEST_ID
from rft.reconciliation.charts import chart_of
from rft.reconciliation.queries import (
    find_last_run,
    get_difference,
    get_sums,
    list_days,
    list_open_differences,
    list_payouts,
    list_resolved_differences,
)
from rft.reconciliation.schemas import Explanation
from rft.reconciliation.service import explain
from rft.web.dependencies import Admin, Db, require_role
from rft.web.forms import form_errors
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/reconciliation", dependencies=[Depends(require_role("admin"))])

DAYS_DRAWN = 30
_FIRST_FEW = 10
# Compared every morning; a day and two hours later something has stopped.
_STALE = timedelta(hours=26)
Typed = Annotated[str, Form()]
DifferenceId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@router.get("")
async def index(request: Request, database: Db) -> Response:
    now = utc_now()
    today = london_today(now)
    async with database.connection() as db:
        run = await find_last_run(db)
        differences = await list_open_differences(db)
        resolved = await list_resolved_differences(db, _FIRST_FEW)
        sums = await get_sums(db)
        days = await list_days(db, today - timedelta(days=DAYS_DRAWN - 1), today)
        payouts = await list_payouts(db, _FIRST_FEW)
    return render(
        request,
        "office/reconciliation/index.html",
        run=run,
        is_stale=run is not None and now - run.ran_at > _STALE,
        differences=differences,
        resolved=resolved,
        sums=sums,
        chart=chart_of([(day.day, day.received, day.returned, day.fees) for day in days]),
        payouts=payouts,
    )


@router.post("")
async def begin(request: Request, database: Db, admin: Admin) -> Response:
    """Leaves it to a job: Stripe may take its time."""

    async def work(db: Connection) -> None:
        await jobs.enqueue(db, "reconciliation.compare", queueing_lock="reconciliation.compare")
        await record(db, admin.actor, "reconciliation.begin", "system", None)

    await database.run(work)
    response = see_other("/office/reconciliation")
    flash(request, response, "info", "The comparison has begun. Its result is here in a moment: look again.")
    return response


@router.get("/{difference_id}")
async def show(difference_id: DifferenceId, request: Request, database: Db) -> Response:
    return await _difference_page(request, database, difference_id)


@router.post("/{difference_id}")
async def resolve(
    difference_id: DifferenceId, request: Request, database: Db, admin: Admin, note: Typed = ""
) -> Response:
    async def work(db: Connection) -> None:
        await explain(db, admin.actor, difference_id, note=_read(note), now=utc_now())

    try:
        await database.run(work)
    except Refusal as refusal:
        return await _difference_page(request, database, difference_id, refusal=refusal, typed=note)
    response = see_other("/office/reconciliation")
    text = "The difference is explained, and is not told again as long as it stays the same."
    flash(request, response, "success", text)
    return response


async def _difference_page(
    request: Request, database: Database, difference_id: int, *, refusal: Refusal | None = None, typed: str = ""
) -> Response:
    """Raises NotFound."""
    async with database.connection() as db:
        difference = await get_difference(db, difference_id)
    return render(
        request,
        "office/reconciliation/show.html",
        refusal.status if refusal else 200,
        difference=difference,
        refusal=refusal,
        typed=typed,
    )


def _read(note: str) -> str:
    try:
        return Explanation.model_validate({"note": note}).note
    except ValidationError as wrong:
        errors = form_errors(wrong) if note.strip() else {"note": "Say why the two sides differ."}
        raise NotValid(errors=errors) from wrong
