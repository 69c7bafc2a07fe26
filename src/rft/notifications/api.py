"""The log of mails over JSON, for the office."""

from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter

from rft.kit.clock import to_iso
from rft.kit.references import read_reference
from rft.notifications.queries import EmailLogFilter, list_email_logs
from rft.web.dependencies import ApiAdmin, Db
from rft.web.lists import Choice, Search
from rft.web.paging import Cursor, Limit
from rft.web.problems import PROBLEMS

router = APIRouter(prefix="/admin/email-logs", tags=["Office"], responses=PROBLEMS)


@router.get("", summary="What the mail server answered, the newest first")
async def index(
    database: Db,
    _: ApiAdmin,
    recipient: Search = "",
    email_type: Choice = "",
    status: Literal["", "sent", "failed", "bounced"] = "",
    booking: Choice = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    wanted = EmailLogFilter(
        recipient=recipient.strip() or None,
        email_type=email_type or None,
        status=status or None,
        booking_reference=read_reference(booking) if booking else None,
    )
    async with database.connection() as db:
        listed = await list_email_logs(db, wanted, cursor=cursor, limit=limit)
    items = [asdict(row) | {"created_at": to_iso(row.created_at)} for row in listed.rows]
    return {"items": items, "next": listed.next}
