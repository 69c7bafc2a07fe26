"""The activity log over JSON, for the office."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from rft.audit.queries import Activity, ActivityFilter, list_activity
from rft.kit.clock import to_iso
from rft.kit.fields import LARGEST_ID
from rft.kit.pages import Window
from rft.web.dependencies import ApiAdmin, Db
from rft.web.lists import Choice, Search
from rft.web.paging import Cursor, Limit, page
from rft.web.problems import PROBLEMS

router = APIRouter(prefix="/admin/activity-logs", tags=["Office"], responses=PROBLEMS)
Number = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]


def body(act: Activity) -> dict[str, Any]:
    return {
        "id": act.id,
        "at": to_iso(act.created_at),
        "by": {"id": act.admin_id, "name": act.admin_name},
        "action": act.action,
        "entity_type": act.entity_type,
        "entity_id": act.entity_id,
        "about": act.entity_name,
        "old_values": act.old_values,
        "new_values": act.new_values,
        "ip_address": act.address,
        "user_agent": act.user_agent,
    }


@router.get("", summary="Who in the office did what, the newest first")
async def index(
    database: Db,
    _: ApiAdmin,
    admin_id: Number = None,
    action: Choice = "",
    entity_type: Choice = "",
    entity_id: Number = None,
    about: Search = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """`about` is the reference of a booking or an order; an order's covers its bookings."""
    wanted = ActivityFilter(admin_id=admin_id, action=action, entity_type=entity_type, entity_id=entity_id, about=about)
    async with database.connection() as db:
        found = await list_activity(db, wanted, Window((cursor,) if cursor is not None else (), size=limit))
    return page(found, limit, lambda act: act.id, body)
