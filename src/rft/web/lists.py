"""Lists on pages: which page is asked for, and the links to those on either side that carry the filters along."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query

from rft.errors import NotValid
from rft.kit.fields import LARGEST_ID
from rft.kit.pages import Page, Window

Cursor = Annotated[int | None, Query(ge=0, le=LARGEST_ID)]
# What a form sends for one of a list; nothing where any will do.
Choice = Annotated[str, Query(max_length=100)]
Search = Annotated[str, Query(max_length=200)]


async def _window(before: Cursor = None, after: Cursor = None) -> Window:
    """The page behind the row `before`, or the one ahead of the row `after`."""
    if after is not None:
        return Window((after,), backwards=True)
    return Window((before,)) if before is not None else Window()


def read_number(text: str) -> int | None:
    """A row's number out of a link or a form's choice, where "any" is nothing. Raises NotValid for what cannot be one."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= LARGEST_ID):
        raise NotValid("This page's address is not one of ours.")
    return int(text)


# For lists in the order of one number, the highest first.
ById = Annotated[Window, Depends(_window)]


def address(path: str, filters: Mapping[str, object], **further: object) -> str:
    """The path with the filters that say something."""
    said = {name: value for name, value in {**filters, **further}.items() if value not in ("", None)}
    return f"{path}?{urlencode(said)}" if said else path


def neighbours(path: str, filters: Mapping[str, object], page: Page[Any]) -> dict[str, str | None]:
    """The links to the pages on either side, as `ahead` and `behind`; None at an end of the list."""
    return {
        "ahead": address(path, filters, after=page.ahead) if page.ahead is not None else None,
        "behind": address(path, filters, before=page.behind) if page.behind is not None else None,
    }
