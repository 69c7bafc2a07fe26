"""The newest revision this code knows, read from the files' names: a web process need not load Alembic to ask."""

from functools import cache
from pathlib import Path


@cache
def newest() -> str:
    """A revision's file begins with its id, a timestamp; they stand in one line in that order."""
    names = (path.name for path in (Path(__file__).parent / "migrations" / "versions").glob("*_*.py"))
    return max(names).partition("_")[0]
