"""What becomes of a booking when the course is over, for the office."""

from typing import Any

from fastapi import APIRouter

from rft.bookings.admin_api import office_body
from rft.bookings.queries import get_booking
from rft.certificates.service import complete_booking, issue_certificate, mark_no_show
from rft.database.pool import Connection
from rft.kit.clock import utc_now
from rft.web.dependencies import ApiAdmin, Db
from rft.web.problems import PROBLEMS

router = APIRouter(prefix="/admin/bookings", tags=["Office"], responses=PROBLEMS)
_ACTS = {"complete": complete_booking, "no-show": mark_no_show, "certificate": issue_certificate}


@router.post("/{reference}/complete", summary="The attendee completed the course")
async def complete(reference: str, database: Db, admin: ApiAdmin) -> dict[str, Any]:
    return await _act("complete", reference, database, admin)


@router.post("/{reference}/no-show", summary="The attendee did not come")
async def no_show(reference: str, database: Db, admin: ApiAdmin) -> dict[str, Any]:
    return await _act("no-show", reference, database, admin)


@router.post("/{reference}/certificate", summary="The certificate is issued")
async def certificate(reference: str, database: Db, admin: ApiAdmin) -> dict[str, Any]:
    return await _act("certificate", reference, database, admin)


async def _act(name: str, reference: str, database: Db, admin: ApiAdmin) -> dict[str, Any]:
    async def work(db: Connection) -> dict[str, Any]:
        await _ACTS[name](db, admin.actor, reference, now=utc_now())
        return office_body(await get_booking(db, reference))

    return await database.run(work)
