"""The office's reports over JSON, or as a file."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.reports.exports import MEDIA, as_csv, as_xlsx, file_name
from rft.reports.figures import Report
from rft.reports.reading import reading
from rft.reports.schemas import Filters
from rft.reports.service import make_report
from rft.web.dependencies import ApiAdmin
from rft.web.problems import PROBLEMS

router = APIRouter(prefix="/admin/reports", tags=["Office"], responses=PROBLEMS)


@router.get("/{name}", summary="A report: revenue, bookings, occupancy and others", response_model=dict[str, Any])
async def show(
    name: str,
    request: Request,
    filters: Annotated[Filters, Depends()],
    _: ApiAdmin,
    format: Literal["json", "csv", "xlsx"] = "json",  # noqa: A002 (the contract's name)
) -> Any:
    """`from` and `to` are London days, both inclusive; without them the last twelve months. Raises NotFound, NotValid."""
    async with reading(request) as db:
        report = await make_report(db, name, filters.asked())
    if format == "json":
        return report_body(report)
    body = as_csv(report) if format == "csv" else as_xlsx(report)
    disposition = f'attachment; filename="{file_name(report, format)}"'
    return Response(body, media_type=MEDIA[format], headers={"content-disposition": disposition})


def report_body(report: Report) -> dict[str, Any]:
    return {
        "report": report.name,
        "from": report.period.first.isoformat(),
        "to": report.period.last.isoformat(),
        "group_by": report.group_by,
        "totals": {tile.name: tile.plain for tile in report.tiles},
        "items": report.sheet.items(),
    }
