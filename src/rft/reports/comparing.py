"""Holds a figure against the one of another period, in words."""

from decimal import Decimal

from rft.reports.figures import Kind, Tile
from rft.reports.rules import change_from
from rft.reports.schemas import Asked


def compared(
    asked: Asked, name: str, label: str, kind: Kind, now: Decimal | int, before: Decimal | int, *, more_is: str = "good"
) -> Tile:
    """A tile that says by how much the figure differs from the period it is held against. `more_is`: good, bad or neither."""
    change = change_from(before, now)
    if change is None:
        return Tile(name, label, kind, now, f"nothing in {asked.against_in_words}")
    if change == 0:
        return Tile(name, label, kind, now, f"the same as in {asked.against_in_words}")
    grew = change > 0
    tone = "" if more_is == "neither" else "good" if grew == (more_is == "good") else "warning"
    return Tile(
        name, label, kind, now, f"{abs(change)}% {'more' if grew else 'less'} than in {asked.against_in_words}", tone
    )


def points_apart(asked: Asked, name: str, label: str, now: Decimal | None, before: Decimal | None) -> Tile:
    """The same for a share, whose difference is told in points."""
    if now is None or before is None:
        return Tile(name, label, "percent", now, f"nothing in {asked.against_in_words}" if before is None else "")
    return Tile(name, label, "percent", now, f"{before}% in {asked.against_in_words}", "good" if now > before else "")
