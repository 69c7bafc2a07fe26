"""How a browser reaches an order: by the token in its cookie, as the account that made it, or as the office."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from rft.bookings.queries import Order, get_order
from rft.database.pool import Connection
from rft.errors import NotFound
from rft.web.dependencies import CurrentVisit, Db
from rft.web.security.order_access import order_tokens


class OrderNotShown(NotFound):
    """The same for an order that does not exist and for somebody else's."""

    title = "We cannot show this booking here"
    sentence = (
        "Either there is no such booking, or it was made in another browser. "
        "With its reference and the e-mail address it was made with you can open it here too."
    )


async def get_own_order(request: Request, reference: str, database: Db, visit: CurrentVisit) -> Order:
    """Raises OrderNotShown."""
    user = visit.user
    async with database.connection() as db:
        try:
            return await get_order(
                db,
                reference,
                token=order_tokens(request).get(reference),
                staff=user is not None and user.role == "admin",
                user_id=user.id if user is not None else None,
            )
        except NotFound as cause:
            raise OrderNotShown from cause


OwnOrder = Annotated[Order, Depends(get_own_order)]


async def list_held_here(db: Connection, request: Request, schedule_id: int, now: datetime) -> list[Order]:
    """Orders of this browser for that date which still hold places and are not paid."""
    held = []
    for reference, token in order_tokens(request).items():
        try:
            order = await get_order(db, reference, token=token)
        except NotFound:
            continue
        running = order.hold_expires_at is not None and order.hold_expires_at > now
        if order.schedule_id == schedule_id and order.status == "pending" and running:
            held.append(order)
    return held
