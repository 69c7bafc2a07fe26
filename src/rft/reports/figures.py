"""A report's figures as a table, and how each of them is said: to people, to spreadsheets, to programs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from rft.kit.money import in_words
from rft.reports.rules import Period
from rft.web.charts import Chart, Rank

Kind = Literal["text", "day", "month", "money", "count", "percent"]
Figure = str | date | Decimal | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is what programs call it."""

    name: str
    label: str
    kind: Kind

    @property
    def is_number(self) -> bool:
        return self.kind in ("money", "count", "percent")

    def words(self, figure: Figure) -> str:
        """For people; what is not known is a dash."""
        if figure is None:
            return "–"
        if isinstance(figure, date):
            return f"{figure:%B %Y}" if self.kind == "month" else f"{figure.day} {figure:%B %Y}"
        if self.kind == "money":
            return in_words(Decimal(figure))
        if self.kind == "count":
            return f"{int(figure):,}"
        return f"{figure}%" if self.kind == "percent" else str(figure)

    def plain(self, figure: Figure) -> str | int | None:
        """For programs: money and shares as decimals in text, days and months in ISO 8601."""
        if isinstance(figure, date):
            return f"{figure:%Y-%m}" if self.kind == "month" else figure.isoformat()
        if isinstance(figure, Decimal):
            return int(figure) if self.kind == "count" else str(figure)
        return figure


@dataclass(frozen=True, slots=True)
class Sheet:
    columns: Sequence[Column]
    rows: Sequence[Sequence[Figure]]

    def in_words(self) -> list[list[str]]:
        return [[column.words(figure) for column, figure in zip(self.columns, row, strict=True)] for row in self.rows]

    def items(self) -> list[dict[str, str | int | None]]:
        return [
            {column.name: column.plain(figure) for column, figure in zip(self.columns, row, strict=True)}
            for row in self.rows
        ]


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure above the rest, and what it is held against."""

    name: str
    label: str
    kind: Kind
    figure: Figure
    note: str = ""
    tone: str = ""

    @property
    def words(self) -> str:
        return Column(self.name, self.label, self.kind).words(self.figure)

    @property
    def plain(self) -> str | int | None:
        return Column(self.name, self.label, self.kind).plain(self.figure)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart, or, where it has `ranks`, a table of bars."""

    id: str
    title: str
    about: str
    what: str
    chart: Chart | None = None
    ranks: list[Rank] = field(default_factory=list)
    counted: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """`how` says what is counted and how, in a sentence each."""

    name: str
    title: str
    period: Period
    group_by: str
    tiles: Sequence[Tile]
    drawings: Sequence[Drawing]
    sheet: Sheet
    how: Sequence[str]
