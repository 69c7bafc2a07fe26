"""Looks in each kind of thing for what is wanted: what names it exactly first, then what begins so, then what holds the words."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.kit.pages import Window
from rft.kit.references import read_reference
from rft.search.rules import Wanted

# Of what very many rows say, the first so many are ranked: who wants one of more has to say more.
RANKED = 300
KEY = ("found.rank", "found.turn")
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        kind: statement(__file__, f"{kind}.sql")
        for kind in ("people", "organisations", "attendees", "orders", "certificates", "invoices", "venues")
    }
)
_RANK = """
case when %(whole)s = any (entry.marks) then 0
     when starts_with(search_key(entry.title), %(whole)s) then 1
     when position(' ' || %(whole)s in ' ' || entry.said) > 0 then 2
     else 3 end
"""
_NEARNESS = "(100 - 100 * strict_word_similarity(%(whole)s, entry.said))::integer"


@dataclass(frozen=True, slots=True)
class Found:
    """`place` is what the thing's page is found by; `rank` and `turn` are its key in the list; `total` counts up to RANKED."""

    place: str
    title: str
    detail: str
    rank: int
    turn: int
    total: int

    @property
    def is_named(self) -> bool:
        """Whether what was typed is this thing's own reference, number or address."""
        return self.rank == 0


# A name may be written otherwise than it was heard; a number that differs is another number.
HEARD = ("people", "organisations", "attendees")


def kinds() -> tuple[str, ...]:
    return tuple(_KINDS)


async def find_kind(db: Connection, kind: str, wanted: Wanted, window: Window) -> list[Found]:
    conditions = [f"entry.said like %(word_{number})s" for number in range(len(wanted.words))]
    values = {f"word_{number}": f"%{_plain(word)}%" for number, word in enumerate(wanted.words)}
    return await _find(db, kind, " and ".join(conditions), _RANK, wanted, window, values)


async def find_near(db: Connection, kind: str, wanted: Wanted, window: Window) -> list[Found]:
    """What is written almost so, whole words held against whole words: "jonson" is heard where "johnson" is meant."""
    return await _find(db, kind, "%(whole)s <<%% entry.said", _NEARNESS, wanted, window, {})


async def find_booking(db: Connection, wanted: Wanted) -> str | None:
    """The reference as it is stored, of the booking that what was typed names."""
    typed = [wanted.whole.upper(), read_reference(wanted.whole)]
    cursor = await db.execute(
        "select booking_reference from bookings where upper(booking_reference) = any (%(typed)s)", {"typed": typed}
    )
    row = await cursor.fetchone()
    return str(row["booking_reference"]) if row else None


async def _find(
    db: Connection, kind: str, condition: str, rank: str, wanted: Wanted, window: Window, values: dict[str, str]
) -> list[Found]:
    # The conditions are our own; what somebody typed travels as values only.
    query = f"""
        with entries as materialized (select * from ({_KINDS[kind]}) as entry where {condition} limit {RANKED}),
             found as (select entry.place, entry.title, entry.detail, {rank} as rank, -entry.id as turn,
                              count(*) over () as total
                         from entries as entry)
        select * from found where {window.condition(KEY, descending=False)} {window.order(KEY, descending=False)}
    """  # noqa: S608
    async with db.cursor(row_factory=class_row(Found)) as cursor:
        await cursor.execute(query, values | window.values() | {"whole": wanted.whole})
        return await cursor.fetchall()


def _plain(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
