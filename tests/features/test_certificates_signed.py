"""Certificates as signed things: one byte changed, another key or another name, and nobody takes them for ours."""

import io
import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from typer.testing import CliRunner

from rft.certificates.errors import Forged
from rft.certificates.keys import as_published
from rft.certificates.paper import make_certificate
from rft.certificates.rules import Claim, expires_on, new_number, read_number, state_on
from rft.certificates.signing import Signer, canonical, read_pdf, read_token, sign, write_token
from rft.cli import app

SIGNER = Signer.generate()
DRAWN = datetime(2026, 11, 20)  # noqa: DTZ001 (UTC without zone, as the database keeps it)
KEYS = {SIGNER.key_id: SIGNER.public_key}
CLAIM = Claim(
    number="RFT-C-7K2M9-QX4TB-0HDW", holder="Amina Khan", course="Emergency First Aid at Work", course_type="EFAW", hours="6",
    completed="2026-11-20", expires="2029-11-20", trainer="Ben Osei", issuer="React Fast Training",
)  # fmt: skip
TOKEN = write_token(CLAIM, sign(CLAIM, SIGNER), SIGNER.key_id)


async def a_paper(claim: Claim = CLAIM) -> bytes:
    signature = sign(claim, SIGNER)
    return await make_certificate(claim, signature, SIGNER, base_url="https://rft.test", drawn_at=DRAWN)


def test_what_was_signed_is_read_back() -> None:
    assert read_token(f"https://rft.test/certificates/{CLAIM.number}#{TOKEN}", KEYS) == CLAIM


@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, len(TOKEN) - 1), letter=st.sampled_from("ABCDEFghijkl0123456789-_."))
def test_one_changed_letter_of_the_code_is_refused(place: int, letter: str) -> None:
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    if changed != TOKEN:
        with pytest.raises(Forged):
            read_token(changed, KEYS)


async def test_one_changed_byte_of_the_file_is_refused_wherever_it_is() -> None:
    pdf = await a_paper()
    assert read_pdf(pdf, KEYS) == CLAIM
    for place in range(0, len(pdf), 293):
        changed = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
        with pytest.raises(Forged):
            read_pdf(changed, KEYS)
    with pytest.raises(Forged):
        read_pdf(pdf + b"%", KEYS)


def test_another_key_under_our_keys_name_is_refused() -> None:
    other = Signer.generate()
    forged = write_token(
        replace(CLAIM, holder="Dev Shah"), sign(replace(CLAIM, holder="Dev Shah"), other), SIGNER.key_id
    )
    with pytest.raises(Forged):
        read_token(forged, KEYS)
    with pytest.raises(Forged):
        read_token(forged, {SIGNER.key_id: other.public_key})


def test_the_same_name_in_two_unicode_spellings_is_signed_alike() -> None:
    composed, apart = replace(CLAIM, holder="Zoë"), replace(CLAIM, holder="Zoe\u0308")
    assert canonical(composed) == canonical(apart)


async def test_the_paper_says_everything_and_is_tagged() -> None:
    reader = PdfReader(io.BytesIO(await a_paper(replace(CLAIM, holder="#strong[Amina] <b>Khan</b>"))))
    text = " ".join(reader.pages[0].extract_text().split())
    for said in ("#strong[Amina] <b>Khan</b>", CLAIM.course, "20 November 2026", "20 November 2029", "Ben Osei", CLAIM.number,
                 "Health and Safety (First-Aid) Regulations 1981", "React Fast Training"):  # fmt: skip
        assert said in text
    assert "HSE approved" not in text
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert len(reader.pages) == 1


async def test_the_command_line_verifies_without_network_or_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nowhere.invalid/none")
    keys, pdf = tmp_path / "keys.json", tmp_path / "certificate.pdf"
    keys.write_text(json.dumps(as_published(KEYS)))
    pdf.write_bytes(await a_paper())
    runner = CliRunner()
    for genuine in (TOKEN, str(pdf)):
        answer = runner.invoke(app, ["certificate", "verify", genuine, "--keys", str(keys)])
        assert answer.exit_code == 0, answer.output
        assert "GENUINE, valid" in answer.output
    pdf.write_bytes(pdf.read_bytes().replace(b"RFTCERT1", b"RFTCERT2"))
    answer = runner.invoke(app, ["certificate", "verify", str(pdf), "--keys", str(keys), "--json"])
    assert (answer.exit_code, json.loads(answer.output)["genuine"]) == (1, False)


@pytest.mark.parametrize("what", [f"{TOKEN[:500]} {'A' * 5000}".replace("RFT", "rft"), "\ud800", "a/" * 3000])
def test_what_could_be_no_files_name_is_not_genuine(what: str, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(as_published(KEYS)))
    answer = CliRunner().invoke(app, ["certificate", "verify", what, "--keys", str(keys)])
    assert (answer.exit_code, "NOT GENUINE" in answer.output) == (1, True)


def test_a_name_in_brackets_is_told_as_it_is(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(as_published(KEYS)))
    claim = replace(CLAIM, holder="Amina [/] [red]Khan")
    token = write_token(claim, sign(claim, SIGNER), SIGNER.key_id)
    assert claim.holder in CliRunner().invoke(app, ["certificate", "verify", token, "--keys", str(keys)]).output


def test_a_slip_in_the_number_is_noticed() -> None:
    number = new_number()
    assert read_number(f" {number.lower().replace('-', ' ')} ") == number
    body = number[6:]
    swapped = body[1] + body[0] + body[2:]
    assert swapped == body or read_number("RFT-C-" + swapped) is None
    assert read_number("RFT-C-" + ("2" if body[0] != "2" else "3") + body[1:]) is None


@pytest.mark.parametrize(
    ("completed", "expires"), [("2028-02-29", "2031-02-28"), ("2026-11-20", "2029-11-20"), ("2027-02-28", "2030-02-28")]
)
def test_it_is_valid_for_three_years_and_the_29th_of_february_becomes_the_28th(completed: str, expires: str) -> None:
    assert expires_on(date.fromisoformat(completed), 3) == date.fromisoformat(expires)


def test_it_is_valid_on_the_whole_of_its_last_day() -> None:
    last = date(2029, 11, 20)
    assert state_on(last, expires=last, revoked=False, replaced=False) == "valid"
    assert state_on(date(2029, 11, 21), expires=last, revoked=False, replaced=False) == "expired"
