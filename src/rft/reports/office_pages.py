"""The office's reports: a dashboard, a page each, and the same figures as a file."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.errors import NotFound, NotValid
from rft.kit.clock import london_today, utc_now
from rft.reports.exports import MEDIA, as_csv, as_pdf, as_xlsx, file_name
from rft.reports.figures import Report
from rft.reports.queries import list_choices
from rft.reports.reading import reading
from rft.reports.rules import last_twelve_months, previous
from rft.reports.schemas import AGAINST, Asked, Filters
from rft.reports.service import GROUPS, REPORTS, get_kind, make_report
from rft.web.company import Company
from rft.web.dependencies import CurrentVisit, require_role
from rft.web.lists import address
from rft.web.templates import render

router = APIRouter(prefix="/office/reports", dependencies=[Depends(require_role("admin"))])

FromForm = Annotated[Filters, Depends()]
# What the first page draws; the others are a link away.
_FIRST = ("revenue", "bookings", "occupancy")


@router.get("")
async def index(request: Request) -> Response:
    today = london_today(utc_now())
    period = last_twelve_months(today)
    asked = Asked(period, previous(period), "previous", today)
    async with reading(request) as db:
        first = [await make_report(db, name, asked) for name in _FIRST]
    return render(request, "office/reports/index.html", first=first, reports=REPORTS)


@router.get("/{name}.{kind}")
async def export(name: str, kind: str, request: Request, visit: CurrentVisit, filters: FromForm) -> Response:
    """Raises NotFound for a report or a kind of file that there is not, NotValid for a period that is none."""
    if kind not in MEDIA:
        raise NotFound
    async with reading(request) as db:
        report = await make_report(db, name, filters.asked())
    return await as_file(report, kind, visit.company)


@router.get("/{name}")
async def show(name: str, request: Request, filters: FromForm) -> Response:
    kind = get_kind(name)
    errors, report = filters.errors, None
    async with reading(request) as db:
        choices = {narrow: await list_choices(db, narrow) for narrow in kind.narrows}
        if not errors:
            try:
                report = await make_report(db, name, filters.asked())
            except NotValid as refusal:
                errors = refusal.errors
    here = f"/office/reports/{name}"
    return render(
        request,
        "office/reports/show.html",
        422 if errors else 200,
        name=name,
        kind=kind,
        report=report,
        headings=[{"label": each.label, "num": each.is_number} for each in report.sheet.columns] if report else [],
        filters=filters.typed,
        errors=errors,
        groups=[(group, GROUPS[group]) for group in kind.groups],
        against=list(AGAINST.items()),
        choices=choices,
        reports=REPORTS,
        files=[(what.upper(), address(f"{here}.{what}", filters.typed)) for what in MEDIA],
    )


async def as_file(report: Report, kind: str, company: Company) -> Response:
    """The report as `csv`, `xlsx` or `pdf`, to be kept."""
    if kind == "pdf":
        body = await as_pdf(report, company, utc_now().replace(microsecond=0))
    else:
        body = as_csv(report) if kind == "csv" else as_xlsx(report)
    disposition = f'attachment; filename="{file_name(report, kind)}"'
    return Response(body, media_type=MEDIA[kind], headers={"content-disposition": disposition})
