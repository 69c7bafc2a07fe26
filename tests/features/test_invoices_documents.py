"""Documents: the same bytes for the same data, tagged and archivable, and never markup out of what somebody typed."""

import io
from datetime import datetime
from pathlib import Path

import pypdf
import pytest

from rft.kit.documents import make_pdf

AT = datetime(2026, 11, 22, 10, 0)  # noqa: DTZ001 (UTC without zone, as the database keeps it)
TEMPLATE = """
#import "/kit/documents/company.typ": *
#let letter = data()
#show: sheet.with(title: "Letter", company: letter.company)
= Letter
#letter.text
"""
COMPANY = {"name": "React Fast Training", "address": ["12 Wharf Street"], "phone": "01632", "email": "a@example.com"}


@pytest.fixture
def letter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A template of a feature's, in a copy of the source's folder."""
    (tmp_path / "kit").mkdir()
    look = Path(make_pdf.__code__.co_filename).with_name("company.typ")
    (tmp_path / "kit/documents").mkdir()
    (tmp_path / "kit/documents/company.typ").write_text(look.read_text("utf-8"), "utf-8")
    template = tmp_path / "letter.typ"
    template.write_text(TEMPLATE, "utf-8")
    monkeypatch.setattr("rft.kit.documents._ROOT", tmp_path)
    return template


def words(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


async def test_the_same_data_gives_the_same_bytes(letter: Path) -> None:
    data = {"company": COMPANY, "text": "Dear Amina"}
    assert await make_pdf(letter, data, created_at=AT) == await make_pdf(letter, data, created_at=AT)


async def test_a_document_is_tagged_and_says_that_it_can_be_kept(letter: Path) -> None:
    pdf = await make_pdf(letter, {"company": COMPANY, "text": "Dear Amina"}, created_at=AT)
    root = pypdf.PdfReader(io.BytesIO(pdf)).root_object
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert b"pdfaid:part" in pdf
    assert b"pdfuaid:part" in pdf


@pytest.mark.parametrize(
    "typed", ['#import "/etc/passwd": *', "$x^2$ *bold* _so_ @ref", "= No heading", '"); #panic("x")']
)
async def test_what_somebody_typed_is_never_markup(letter: Path, typed: str) -> None:
    pdf = await make_pdf(letter, {"company": COMPANY, "text": typed}, created_at=AT)
    assert typed in words(pdf)


@pytest.mark.parametrize("name", ["Zoë Łukasz", "Αθηνά", "Дмитрий", "李小龙", "😀", "a\u0007b"])
async def test_every_name_gets_its_document(letter: Path, name: str) -> None:
    pdf = await make_pdf(letter, {"company": COMPANY, "text": f"Dear {name}"}, created_at=AT)
    assert "Dear" in words(pdf)
