"""Reads the statements that live in .sql files beside the code that runs them."""

from functools import cache
from pathlib import Path


@cache
def statement(beside: str, name: str) -> str:
    """The text of `name`, a .sql file in the folder of the module `beside` (pass `__file__`)."""
    return (Path(beside).parent / name).read_text("utf-8")
