"""An order's own pages: who comes, everything once more before paying, how it stands, and the way back to it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.access import OrderNotShown, OwnOrder, get_own_order
from rft.bookings.approvals import find_approval
from rft.bookings.errors import AlreadyBooked, TransitionRefused
from rft.bookings.limits import FIND_ORDER
from rft.bookings.names import NamesForm
from rft.bookings.policies import get_policy
from rft.bookings.queries import Booking, Order, find_given_back, get_order, list_bookings_of_order
from rft.bookings.service import name_attendees, renew_access
from rft.bookings.words import dated_terms, order_lines
from rft.database.pool import Database
from rft.errors import NotFound, TooMany
from rft.kit.clock import london_today, utc_now
from rft.kit.money import NOTHING
from rft.organisations.queries import organisations_of
from rft.schedules.queries import get_schedule
from rft.web.dependencies import ClientAddress, CurrentSettings, CurrentVisit, Db
from rft.web.security.flashes import flash
from rft.web.security.limits import spend_unless_local
from rft.web.security.order_access import remember_order
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter()
# As long as the body may be: the field's own rule answers beside the field, and nothing typed is lost.
Typed = Annotated[str, Form()]
Token = Annotated[str, Query(max_length=100)]
_OTHER_PLACES = (
    "The places of this booking have changed meanwhile, so nothing was saved. Please look at the names again."
)


@router.get("/orders/find")
async def show_find(request: Request, reference: Annotated[str, Query(max_length=100)] = "") -> Response:
    return _find_page(request, reference=reference)


@router.post("/orders/find")
async def find(
    request: Request,
    database: Db,
    settings: CurrentSettings,
    address: ClientAddress,
    reference: Typed = "",
    email: Typed = "",
) -> Response:
    needed = {"reference": (reference, "Enter the reference."), "email": (email, "Enter the e-mail address.")}
    errors = {name: sentence for name, (value, sentence) in needed.items() if not value.strip()}
    if errors:
        return _find_page(request, 422, reference=reference, email=email, errors=errors)
    try:
        await spend_unless_local(database, settings, FIND_ORDER, address)
    except TooMany as refusal:
        return _find_page(request, 429, reference=reference, email=email, errors={"": refusal.detail})
    found = await database.run(lambda db: renew_access(db, reference, email))
    if found is None:
        sentence = (
            "We have no booking with this reference and e-mail address. "
            "Please check both; the confirmation e-mail has them."
        )
        return _find_page(request, 404, reference=reference, email=email, errors={"": sentence})
    response = see_other(f"/orders/{found[0]}")
    remember_order(request, response, *found)
    return response


def _find_page(
    request: Request, status: int = 200, *, reference: str = "", email: str = "", errors: dict[str, str] | None = None
) -> Response:
    return render(request, "orders/find.html", status, reference=reference, email=email, errors=errors or {})


@router.get("/orders/{reference}")
async def show(
    request: Request, reference: str, database: Db, visit: CurrentVisit, access_token: Token = ""
) -> Response:
    if access_token:
        await open_with_token(database, reference, access_token)
        response = see_other(f"/orders/{reference}")
        remember_order(request, response, reference, access_token)
        return response
    order = await get_own_order(request, reference, database, visit)
    return render(request, "orders/show.html", **await facts_of(database, order))


async def open_with_token(database: Database, reference: str, token: str) -> Order:
    """Raises OrderNotShown where the token is not the order's."""
    async with database.connection() as db:
        try:
            return await get_order(db, reference, token=token)
        except NotFound as cause:
            raise OrderNotShown from cause


@router.get("/orders/{reference}/attendees")
async def show_attendees(request: Request, order: OwnOrder, database: Db) -> Response:
    facts = await facts_of(database, order)
    if not facts["nameable"]:
        return see_other(f"/orders/{order.reference}")
    return render(request, "orders/attendees.html", form=NamesForm.of(facts["to_name"]), errors={}, **facts)


@router.post("/orders/{reference}/attendees")
async def save_attendees(request: Request, order: OwnOrder, database: Db) -> Response:
    facts = await facts_of(database, order)
    if not facts["nameable"]:
        return see_other(f"/orders/{order.reference}")
    form, is_of_these = NamesForm.typed(await request.form(), facts["to_name"])
    attendees, errors = form.read()
    if not is_of_these:
        errors[""] = _OTHER_PLACES
    if not errors:
        try:
            await database.run(lambda db: name_attendees(db, order.id, attendees))
        except TransitionRefused:
            errors[""] = _OTHER_PLACES
        except AlreadyBooked:
            errors[""] = (
                "One of these people already has a place on this date: each e-mail address can be used once. "
                "Leave the e-mail address out, or name somebody else."
            )
    if errors:
        return render(request, "orders/attendees.html", 422, form=form, errors=errors, **facts)
    if facts["state"] == "held":
        return see_other(f"/orders/{order.reference}/review")
    response = see_other(f"/orders/{order.reference}")
    flash(request, response, "success", "The names are saved.")
    return response


@router.get("/orders/{reference}/review")
async def review(request: Request, order: OwnOrder, database: Db, visit: CurrentVisit) -> Response:
    facts = await facts_of(database, order)
    if facts["state"] != "held":
        return see_other(f"/orders/{order.reference}")
    if visit.user is None:
        return review_page(request, facts)
    async with database.connection() as db:
        names = [one.name for one in await organisations_of(db, visit.user.id)]
    return review_page(request, facts, typed={"organisation_name": "".join(names[:1]), "purchase_order": ""})


def review_page(
    request: Request,
    facts: dict[str, Any],
    status: int = 200,
    *,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    """The last step; `typed` is what was written for a purchase order."""
    typed = typed or {"organisation_name": "", "purchase_order": ""}
    return render(request, "orders/review.html", status, errors=errors or {}, typed=typed, **facts)


async def facts_of(database: Database, order: Order) -> dict[str, Any]:
    """What the pages of an order are drawn with."""
    now = utc_now()
    async with database.connection() as db:
        bookings = await list_bookings_of_order(db, order.id)
        live = [booking for booking in bookings if booking.status != "cancelled"]
        # Places may have been moved: where all of them were, the page is about their new date.
        dates = {booking.schedule_id for booking in live}
        schedule = await get_schedule(db, dates.pop() if len(dates) == 1 else order.schedule_id, drafts=True)
        policy = await get_policy(db, order.policy_version)
        given_back = await find_given_back(db, order.id)
        approval = await find_approval(db, order.id)
    state = state_of(order, bookings, now, given_back)
    to_name = [one for one in live if one.status in ("pending", "confirmed") and one.starts_at > now]
    return {
        "order": order,
        "bookings": live or bookings,
        "schedule": schedule,
        "state": state,
        "lines": order_lines(order, bookings),
        "total": sum((booking.payment_amount for booking in bookings), NOTHING),
        "given_back": given_back or NOTHING,
        "policy": policy,
        "terms": dated_terms(policy, first_day=london_today(schedule.days[0][0]), today=london_today(now)),
        "approval": approval,
        "nameable": bool(to_name) and state in ("held", "requested", "reserved", "confirmed"),
        "to_name": to_name,
        "unnamed": sum(booking.attendee_name is None for booking in live),
        "expires": order.hold_expires_at.replace(tzinfo=UTC) if order.hold_expires_at else None,
        "now": now.replace(tzinfo=UTC),
    }


def state_of(order: Order, bookings: list[Booking], now: datetime, given_back: Decimal | None = None) -> str:
    """`held`, `over`, `requested`, `reserved` or `confirmed`; or `cancelled`, `declined`, `released`, `late` or `refunded`.

    `late`: the money came when the places were gone, and goes back; `refunded`: it has gone back.
    """
    if order.status == "cancelled":
        if given_back is not None:
            return "cancelled"
        if order.paid > 0:
            return "late"
        if order.approval in ("declined", "lapsed"):
            return "declined"
        return "refunded" if any(booking.payment_status == "refunded" for booking in bookings) else "released"
    if order.status != "pending":
        return "confirmed"
    if order.hold_expires_at is None:
        return order.standing
    return "held" if order.hold_expires_at > now else "over"
