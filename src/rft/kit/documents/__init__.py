"""Draws PDFs by typst: tagged, PDF/A and PDF/UA, the same bytes for the same data.

A template is a `.typ` file of the feature that issues the document; it imports the company's look from `/kit/documents/company.typ`
and reads its data with `data()`. What people typed arrives as data, never as markup.
"""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    import typst

log = structlog.get_logger()

_ROOT = Path(__file__).parents[2]
# Level A of both: kept for years as it is, and read aloud in its order.
_STANDARDS: "list[typst.PDFStandard]" = ["a-2a", "ua-1"]
_NO_LETTER = "could not be displayed"
# So many at once: a page takes milliseconds of a core, and bookings want the cores more.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="documents")


class LettersMissing(Exception):
    """Something that was typed has letters that no font here can draw."""


async def make_pdf(
    template: Path, data: Mapping[str, object], *, created_at: datetime, every_letter: bool = False
) -> bytes:
    """The document. `data` is what JSON can hold; `created_at` (UTC without zone) is the time that the file says it was made at.

    Where a letter is in none of typst's own fonts, the machine's are tried. Where it is in none of those either, the file says nothing of
    PDF/A and shows a box for it; with `every_letter` it raises LettersMissing.
    """
    text = json.dumps(data, ensure_ascii=False)
    return await asyncio.get_running_loop().run_in_executor(_threads, _draw, template, text, created_at, every_letter)


def _draw(template: Path, text: str, created_at: datetime, every_letter: bool) -> bytes:
    # With its fonts it takes 13 MB: a web process that has drawn nothing yet does without.
    import typst

    with suppress(typst.TypstError):
        return _compile(template, text, created_at, _embedded_fonts(), _STANDARDS)
    try:
        return _compile(template, text, created_at, _all_fonts(), _STANDARDS)
    except typst.TypstError as cause:
        if every_letter and _NO_LETTER in cause.message:
            raise LettersMissing from cause
        # A name in a script of another part of the world is no reason to owe somebody a document.
        log.warning("document_without_standard", template=template.name, cause=cause.message)
    return _compile(template, text, created_at, _all_fonts(), [])


def _compile(
    template: Path, text: str, created_at: datetime, fonts: "typst.Fonts", standards: "list[typst.PDFStandard]"
) -> bytes:
    import typst

    return typst.compile(
        template,
        root=_ROOT,
        font_paths=fonts,
        format="pdf",
        sys_inputs={"data": text},
        pdf_standards=standards,
        timestamp=created_at.replace(tzinfo=UTC, microsecond=0),
    )


@cache
def _embedded_fonts() -> "typst.Fonts":
    import typst

    return typst.Fonts(include_system_fonts=False)


@cache
def _all_fonts() -> "typst.Fonts":
    import typst

    return typst.Fonts()
