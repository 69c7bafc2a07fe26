"""Looks whether everything that must be true of the data is true: the queries of audit.sql, in one snapshot."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from psycopg import AsyncConnection, IsolationLevel
from psycopg.rows import DictRow, dict_row

_HEADING = re.compile(r"^-- (?P<id>I\d+[a-z]?) (?P<alarm>\(alarm\) )?(?P<title>.+)$", re.MULTILINE)
_SAMPLE = 5


@dataclass(frozen=True, slots=True)
class Invariant:
    """`title` says what a row of the query would mean. An alarm may have rows for some minutes; nothing else ever may."""

    id: str
    title: str
    alarm: bool
    query: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What the audit found of one invariant: how many rows break it, and the first few of them."""

    id: str
    title: str
    alarm: bool
    count: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)


@cache
def list_invariants() -> tuple[Invariant, ...]:
    text = Path(__file__).with_name("audit.sql").read_text("utf-8")
    headings = list(_HEADING.finditer(text))
    ends = [following.start() for following in headings[1:]] + [len(text)]
    return tuple(
        Invariant(
            heading["id"], heading["title"], heading["alarm"] is not None, text[heading.end() : end].strip().rstrip(";")
        )
        for heading, end in zip(headings, ends, strict=True)
    )


async def run_audit(url: str) -> list[Finding]:
    """A finding for each invariant, in order; `count` is 0 where it holds. Reads only, and one moment only."""
    options = "-c timezone=UTC -c search_path=public -c statement_timeout=0"
    async with await AsyncConnection[DictRow].connect(url, row_factory=dict_row, options=options) as db:
        await db.set_isolation_level(IsolationLevel.REPEATABLE_READ)
        await db.set_read_only(True)
        return [await _find(db, invariant) for invariant in list_invariants()]


async def _find(db: AsyncConnection[DictRow], invariant: Invariant) -> Finding:
    query = f"select count(*) over () as breaches, breach.* from ({invariant.query}) as breach limit {_SAMPLE}"  # noqa: S608
    rows = await (await db.execute(query)).fetchall()
    count = rows[0]["breaches"] if rows else 0
    sample = [{name: value for name, value in row.items() if name != "breaches"} for row in rows]
    return Finding(invariant.id, invariant.title, invariant.alarm, count, sample)
