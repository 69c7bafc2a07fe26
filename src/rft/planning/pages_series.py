"""A series of dates: asked for, previewed with its conflicts and bank holidays, added as drafts, and opened together."""

from datetime import date

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.database.pool import Connection, Database
from rft.errors import NotFound, Refusal
from rft.kit.clock import london_today, utc_now
from rft.planning.pages import first_day
from rft.planning.queries import get_taught, list_options
from rft.planning.rules import usual_days
from rft.planning.series import EVERY, Row, SeriesForm, preview
from rft.planning.service import create_series, get_series, publish_many
from rft.schedules.office_queries import list_of_series
from rft.web.dependencies import Admin, Db, require_role
from rft.web.lists import Choice, read_number
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/series", dependencies=[Depends(require_role("admin"))])


@router.get("/new")
async def new(request: Request, database: Db, course: Choice = "", on: Choice = "", venue: Choice = "") -> Response:
    form = SeriesForm()
    course_id = read_number(course)
    if course_id is not None:
        async with database.connection() as db:
            taught = await get_taught(db, course_id)
        form = SeriesForm.prefilled(course_id, usual_days(taught.duration_hours, taught.minimum_days), first_day(on))
    form.typed["venue_id"] = str(read_number(venue) or "")
    return await _form_page(request, database, form)


@router.post("/new")
async def show_preview(request: Request, database: Db) -> Response:
    """Looks, and adds nothing."""
    form = SeriesForm.sent(await request.form())
    return await _preview_page(request, database, form)


@router.post("")
async def create(request: Request, database: Db, admin: Admin) -> Response:
    sent = await request.form()
    form = SeriesForm.sent(sent)
    chosen = [day for day in map(_read_day, sent.getlist("chosen")) if day is not None]
    if sent.get("back"):
        return await _form_page(request, database, form)

    async def work(db: Connection) -> int:
        return await create_series(db, admin.actor, form.read(), chosen)

    try:
        series_id = await database.run(work)
    except Refusal as refusal:
        return await _preview_page(request, database, form, chosen=chosen, refusal=refusal)
    response = see_other(f"/office/series/{series_id}")
    flash(request, response, "success", "Added as drafts: look them over, then publish them.")
    return response


@router.get("/{series_id}")
async def show(series_id: Id, request: Request, database: Db) -> Response:
    return await _series_page(request, database, series_id, {})


@router.post("/{series_id}/publish")
async def publish(series_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    chosen = {number for number in map(_read_id, (await request.form()).getlist("chosen")) if number is not None}
    async with database.connection() as db:
        ours = [row.id for row in await list_of_series(db, series_id) if row.id in chosen]
    opened, left = await database.run(lambda db: publish_many(db, admin.actor, ours))
    if left:
        return await _series_page(request, database, series_id, left, opened=len(opened))
    response = see_other(f"/office/series/{series_id}")
    text = (
        f"{len(opened)} {'date is' if len(opened) == 1 else 'dates are'} open for booking."
        if opened
        else "Choose the dates to publish first."
    )
    flash(request, response, "success" if opened else "warning", text)
    return response


async def _form_page(
    request: Request, database: Database, form: SeriesForm, *, refusal: Refusal | None = None
) -> Response:
    async with database.connection() as db:
        options = await list_options(db)
    return render(
        request,
        "office/series/form.html",
        refusal.status if refusal else 200,
        form=form,
        options=options,
        every=list(EVERY.items()),
        refusal=refusal,
        errors=refusal.errors if refusal else {},
    )


async def _preview_page(
    request: Request, database: Database, form: SeriesForm, *, chosen: list[date] | None = None, refusal: Refusal | None = None
) -> Response:  # fmt: skip
    """With what was chosen before; else with all that nothing speaks against."""
    try:
        series = form.read()
        async with database.connection() as db:
            rows: list[Row] = await preview(db, series)
            options = await list_options(db, venue_id=series.venue_id)
            taught = await get_taught(db, series.course_id)
    except NotFound:
        raise
    except Refusal as wrong:
        return await _form_page(request, database, form, refusal=wrong)
    return render(
        request,
        "office/series/preview.html",
        refusal.status if refusal else 200,
        form=form,
        series=series,
        rows=rows,
        chosen=[row.begins for row in rows if row.is_proposed] if chosen is None else chosen,
        refusal=refusal,
        taught=taught,
        venue=dict(options.venues).get(series.venue_id, ""),
        today=london_today(utc_now()),
    )


async def _series_page(
    request: Request, database: Database, series_id: int, left: dict[int, str], *, opened: int = 0
) -> Response:
    async with database.connection() as db:
        series = await get_series(db, series_id)
        rows = await list_of_series(db, series_id)
    return render(
        request, "office/series/show.html", 409 if left else 200, series=series, rows=rows, left=left, opened=opened
    )


def _read_day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _read_id(text: object) -> int | None:
    said = str(text)
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 11 else None
