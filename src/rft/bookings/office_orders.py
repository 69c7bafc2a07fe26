"""The office's list of orders: filters, columns, and the same rows as a file."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.asked import Columns, Day, Source, read_span, said, with_columns
from rft.bookings.columns import ORDER_COLUMNS, ORDERS_USUAL, PAYMENT_METHODS, Column, read_columns
from rft.bookings.exports import answer_csv, answer_workbook
from rft.bookings.office_list import SOURCES_SHOWN
from rft.bookings.office_pages import is_found
from rft.bookings.order_lists import OrderFilter, OrderState, batch_orders, list_orders
from rft.bookings.queries import Order
from rft.errors import NotValid
from rft.kit.pages import page_of
from rft.schedules.office_queries import list_choices
from rft.web.dependencies import Db, require_role
from rft.web.lists import ById, Choice, Search, neighbours, read_number
from rft.web.security.redirects import see_other
from rft.web.templates import render

PATH = "/office/orders"
router = APIRouter(prefix=PATH, dependencies=[Depends(require_role("admin"))])
Method = Literal["", "card", "invoice", "free"]
_STATES: dict[OrderState, str] = {
    "": "All",
    "waiting": "Waiting for payment",
    "requested": "Waiting for approval",
    "reserved": "Reserved",
    "confirmed": "Confirmed",
    "cancelled": "Cancelled",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: as it was said (`filters`), what it means, and what is wrong with it by field."""

    filters: dict[str, Any]
    wanted: OrderFilter
    columns: list[str]
    errors: dict[str, str]

    def address(self, path: str = PATH, **changed: object) -> str:
        query = said({**self.filters, **changed}, self.columns, ORDERS_USUAL)
        return f"{path}?{query}" if query else path

    def for_file(self) -> list[Column[Order]]:
        """Raises NotValid where the address makes no sense: a file cannot say so."""
        if self.errors:
            raise NotValid(errors=self.errors)
        return [ORDER_COLUMNS[key] for key in self.columns]


async def read_asked(
    q: Search = "", state: OrderState = "", method: Method = "", on: Day = "", to: Day = "", course: Choice = "",
    venue: Choice = "", organisation: Choice = "", source: Source = "", columns: Columns = None,
) -> Asked:  # fmt: skip
    """`on` is the London day on which the course begins, or the first of several up to `to`."""
    filters = {
        "q": q, "state": state, "method": method, "on": on, "to": to, "course": course, "venue": venue,
        "organisation": organisation, "source": source,
    }  # fmt: skip
    starts_from, starts_before, errors = read_span(on, to)
    wanted = OrderFilter(
        state=state,
        payment_method=method,
        course_id=read_number(course),
        venue_id=read_number(venue),
        starts_from=starts_from,
        starts_before=starts_before,
        organisation=organisation.strip(),
        source=source,
        search=q,
    )
    return Asked(filters, wanted, read_columns(columns or [], ORDER_COLUMNS, ORDERS_USUAL), errors)


List = Annotated[Asked, Depends(read_asked)]


@router.get("")
async def index(request: Request, database: Db, window: ById, asked: List) -> Response:
    async with database.connection() as db:
        found = [] if asked.errors else await list_orders(db, asked.wanted, window)
        courses, venues = await list_choices(db)
    page = page_of(found, window, lambda order: order.id)
    if is_found(str(asked.filters["q"]), [order.reference for order in page.rows]):
        return see_other(f"{PATH}/{page.rows[0].reference}")
    return render(
        request,
        "office/orders/index.html",
        422 if asked.errors else 200,
        page=page,
        filters=asked.filters,
        errors=asked.errors,
        is_filtered=any(value for name, value in asked.filters.items() if name != "state"),
        tabs=[(text, asked.address(state=value), None) for value, text in _STATES.items()],
        here=asked.address(),
        csv=asked.address(f"{PATH}/export.csv"),
        workbook=asked.address(f"{PATH}/export.xlsx"),
        links=with_columns(neighbours(PATH, asked.filters, page), asked.columns, ORDERS_USUAL),
        choices={
            "courses": courses, "venues": venues, "sources": SOURCES_SHOWN, "methods": list(PAYMENT_METHODS.items()),
        },
        methods=PAYMENT_METHODS,
        chosen=asked.columns,
        columns=[(key, ORDER_COLUMNS[key]) for key in asked.columns],
        all_columns=[(key, column.label) for key, column in ORDER_COLUMNS.items()],
    )  # fmt: skip


@router.get("/export.csv")
async def export_csv(database: Db, asked: List) -> Response:
    return answer_csv("orders", asked.for_file(), batch_orders(database, asked.wanted))


@router.get("/export.xlsx")
async def export_workbook(database: Db, asked: List) -> Response:
    return answer_workbook("orders", asked.for_file(), batch_orders(database, asked.wanted))
