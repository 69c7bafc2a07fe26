"""Searches over everything: a few of each kind, or one kind page by page; what is written almost so where nothing is exactly."""

from dataclasses import dataclass

from rft.database.pool import Connection
from rft.kit.pages import Page, Window, page_of
from rft.search.queries import HEARD, RANKED, Found, find_booking, find_kind, find_near, kinds
from rft.search.rules import Wanted

FIRST_FEW = 5


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind. Where more than RANKED match, nobody counts them."""

    kind: str
    page: Page[Found]

    @property
    def total(self) -> int:
        return self.page.rows[0].total if self.page.rows else 0

    @property
    def count(self) -> str:
        return f"{RANKED} and more" if self.total >= RANKED else str(self.total)


@dataclass(frozen=True, slots=True)
class Answer:
    """`booking` is the reference of the one booking that was named. `is_near`: nothing is written so, this is close to it."""

    groups: list[Group]
    booking: str | None = None
    is_near: bool = False

    @property
    def named(self) -> list[tuple[str, str]]:
        """Kind and place of each thing whose own reference, number or address was typed."""
        found = [(group.kind, row.place) for group in self.groups for row in group.page.rows if row.is_named]
        return [] if self.is_near else found + ([("attendees", self.booking)] if self.booking else [])


async def search_everything(db: Connection, wanted: Wanted) -> Answer:
    window = Window(size=FIRST_FEW)
    booking = await find_booking(db, wanted)
    groups = [Group(kind, _page(await find_kind(db, kind, wanted, window), window)) for kind in kinds()]
    found = [group for group in groups if group.page.rows]
    if found or booking:
        return Answer(found, booking)
    groups = [Group(kind, _page(await find_near(db, kind, wanted, window), window)) for kind in HEARD]
    return Answer([group for group in groups if group.page.rows], is_near=True)


async def search_kind(db: Connection, kind: str, wanted: Wanted, window: Window) -> Answer:
    found = await find_kind(db, kind, wanted, window)
    is_near = not found and kind in HEARD
    if is_near:
        found = await find_near(db, kind, wanted, window)
    return Answer([Group(kind, _page(found, window))] if found else [], is_near=is_near)


def _page(found: list[Found], window: Window) -> Page[Found]:
    return page_of(found, window, lambda row: f"{row.rank}.{-row.turn}")
