"""A page of a long list, found by the key of the row at its end: as quick on the thousandth page as on the first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Window:
    """The rows behind the row with this key, or, `backwards`, those ahead of it; without a key the first ones."""

    key: tuple[Any, ...] = ()
    backwards: bool = False
    size: int = 50

    def condition(self, columns: Sequence[str], *, descending: bool = True) -> str:
        """For `where`. The columns are the caller's own names, never a client's."""
        if not self.key:
            return "true"
        sign = "<" if descending is not self.backwards else ">"
        return f"({', '.join(columns)}) {sign} ({', '.join(f'%({name})s' for name in self.values())})"

    def order(self, columns: Sequence[str], *, descending: bool = True) -> str:
        """`order by` and `limit`: one row more than the page shows, which only tells that there are more."""
        way = "desc" if descending is not self.backwards else "asc"
        return f"order by {', '.join(f'{column} {way}' for column in columns)} limit {self.size + 1}"

    def values(self) -> dict[str, Any]:
        return {f"key_{number}": part for number, part in enumerate(self.key)}


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`ahead` and `behind` are the cursors of the pages on either side, None at an end of the list."""

    rows: list[T]
    ahead: str | None
    behind: str | None


def page_of(found: Sequence[T], window: Window, cursor: Callable[[T], object]) -> Page[T]:
    """The page from what a statement with the window's condition and order found."""
    more = len(found) > window.size
    rows = list(found[: window.size])
    if window.backwards:
        rows.reverse()
    if not rows:
        return Page([], None, None)
    is_ahead = more if window.backwards else bool(window.key)
    is_behind = True if window.backwards else more
    return Page(rows, str(cursor(rows[0])) if is_ahead else None, str(cursor(rows[-1])) if is_behind else None)
