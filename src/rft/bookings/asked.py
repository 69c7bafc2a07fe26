"""What the addresses of the office's lists say: days, and the columns that go along from page to page."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Query

from rft.kit.clock import from_london

Day = Annotated[str, Query(max_length=20)]
Columns = Annotated[list[str] | None, Query(max_length=40)]
Source = Literal["", "site", "phone", "waiting_list"]


def read_span(on: str, to: str) -> tuple[datetime | None, datetime | None, dict[str, str]]:
    """The midnights around London's days from `on` to `to`, or around `on` alone; and a sentence for each that is no day."""
    first, last = _day(on), _day(to)
    errors = {name: "Enter a date, such as 2026-12-01." for name, day in (("on", first), ("to", last)) if day is False}
    from_day, to_day = first or None, last or first or None
    return (
        _midnight(from_day) if from_day else None,
        _midnight(to_day + timedelta(days=1)) if to_day else None,
        errors,
    )


def said(filters: Mapping[str, object], columns: Sequence[str], usual: Sequence[str]) -> str:
    """What stands behind the question mark of a list with these filters and columns, whatever its page."""
    asked = [(name, value) for name, value in filters.items() if value not in ("", None)]
    shown = [("columns", key) for key in columns] if tuple(columns) != tuple(usual) else []
    return urlencode([*asked, *shown])


def with_columns(
    links: Mapping[str, str | None], columns: Sequence[str], usual: Sequence[str]
) -> dict[str, str | None]:
    """The links to the pages on either side, with the columns that were chosen."""
    shown = said({}, columns, usual)
    return {way: f"{link}&{shown}" if link and shown else link for way, link in links.items()}


def _day(text: str) -> date | Literal[False] | None:
    """None where none was said, False where it is none."""
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        return False
    return day if day is None or 2000 <= day.year <= 2199 else False


def _midnight(day: date) -> datetime:
    return from_london(day, time.min)
