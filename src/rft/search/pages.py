"""The office's search: one field for everything, and one kind's list where there is much of it."""

import re
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.kit.pages import Window
from rft.search.rules import SHORTEST, read_wanted
from rft.search.service import Answer, search_everything, search_kind
from rft.web.dependencies import Db, require_role
from rft.web.lists import Search, address, neighbours
from rft.web.security.redirects import see_other
from rft.web.templates import render

PATH = "/office/search"
router = APIRouter(prefix="/office", dependencies=[Depends(require_role("admin"))])

Kind = Literal["", "people", "organisations", "attendees", "orders", "certificates", "invoices", "venues"]
# A row's rank and number, as the list's links carry them.
Cursor = Annotated[str, Query(max_length=20, pattern=r"^(\d{1,3}\.\d{1,15})?$")]
# Title, icon, and where a thing of the kind is shown.
WORDS = {
    "people": ("People", "person", "/office/people/{}"),
    "organisations": ("Organisations", "people", "/office/organisations/{}"),
    "attendees": ("Bookings", "booking", "/office/bookings/{}"),
    "orders": ("Orders", "order", "/office/orders/{}"),
    "certificates": ("Certificates", "certificate", "/office/certificates/{}"),
    "invoices": ("Invoices", "invoice", "/office/invoices/{}"),
    "venues": ("Venues", "venue", "/office/venues/{}"),
}
# What static/js/shortcuts.js listens for; a test holds the two together.
SHORTCUTS = (
    (("/",), "Search everything"),
    (("Ctrl", "K"), "Search everything, from within a field too"),
    (("g", "t"), "Go to Today"),
    (("g", "c"), "Go to the calendar"),
    (("g", "s"), "Go to schedules"),
    (("g", "o"), "Go to orders"),
    (("g", "b"), "Go to bookings"),
    (("?",), "This page"),
)


@router.get("/search")
async def search(
    request: Request, database: Db, q: Search = "", kind: Kind = "", before: Cursor = "", after: Cursor = ""
) -> Response:
    """What names exactly one thing leads straight to it."""
    wanted = read_wanted(q)
    answer = Answer([])
    if wanted.is_long_enough:
        async with database.connection() as db:
            if kind:
                answer = await search_kind(db, kind, wanted, _window(before, after))
            else:
                answer = await search_everything(db, wanted)
    if not kind and wanted.is_a_mark and len(set(answer.named)) == 1:
        found, place = answer.named[0]
        return see_other(WORDS[found][2].format(place))
    filters = {"q": q, "kind": kind}
    links = neighbours(PATH, filters, answer.groups[0].page) if kind and answer.groups else None
    return render(
        request,
        "office/search/index.html",
        q=q,
        kind=kind,
        answer=answer,
        words=WORDS,
        links=links,
        all_of={group.kind: address(PATH, {"q": q, "kind": group.kind}) for group in answer.groups},
        back=address(PATH, {"q": q}),
        is_short=bool(wanted.whole) and not wanted.is_long_enough,
        shortest=SHORTEST,
    )


@router.get("/shortcuts")
async def shortcuts(request: Request) -> Response:
    return render(request, "office/search/shortcuts.html", shortcuts=SHORTCUTS)


def _window(before: str, after: str) -> Window:
    cursor = after or before
    if not cursor:
        return Window()
    rank, number = re.split(r"\.", cursor)
    return Window((int(rank), -int(number)), backwards=bool(after))
