"""Evidence: a pack that holds the course's papers and shows each changed byte, and results that are sent in time."""

import base64
import io
import json
import zipfile
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner

from rft.certificates.keys import as_published
from rft.certificates.signing import Signer
from rft.cli import app as cli
from rft.database.pool import Database
from rft.evidence.errors import PackBroken
from rft.evidence.jobs import make_pack
from rft.evidence.manifest import read_pack, write_pack
from rft.evidence.rules import results_due_on
from rft.evidence.service import open_reports
from rft.jobs import Context
from rft.kit.clock import utc_now
from rft.settings import Settings
from tests.builders import Db, Row, a_schedule, insert
from tests.cast import ben
from tests.features.api import Api, a_token, bearer
from tests.features.browser import Browser
from tests.features.expiring import a_qualified_course, trained
from tests.features.mailing import one, rows, utc

PEOPLE = ("Amina Khan", "=HYPERLINK Shah")


def address_of(order: Row) -> str:
    return f"/office/schedules/{order['course_schedule_id']}/evidence"


async def packed(
    office: Browser, api: Api, db: Db, database: Database, settings: Settings, admin: Row
) -> tuple[str, bytes]:
    """The page's address, and the pack of a course with one certificate."""
    teacher = ben(db)
    insert(db, "instructor_profiles", user_id=teacher["id"])
    for kind, ends in (("EFAW", "2199-01-01"), ("FAW", "2020-01-01")):
        paper = {"kind": kind, "awarding_body": "Qualsafe", "issued_on": "2017-01-01", "expires_on": ends}
        insert(db, "instructor_qualifications", user_id=teacher["id"], **paper)
    order = trained(db, *PEOPLE, course=a_qualified_course(db, "efaw"), instructor_id=teacher["id"])
    api.headers.update(bearer(a_token(db, admin)))
    reference = order["bookings"][0]["booking_reference"]
    assert (await api.post(f"/admin/bookings/{reference}/certificate")).status_code == 200
    address = address_of(order)
    assert (await office.send_form(address, page=address)).status_code == 303
    assert "0 of 8 files" in (await office.get(address)).text
    await make_pack(Context(database, settings), one(db, "select id from evidence_packs")["id"])
    answer = await office.get(f"{address}/pack.zip")
    assert answer.status_code == 200, answer.text
    return address, answer.content


def changed(pack: bytes, name: str, data: bytes | None) -> bytes:
    """The pack with one file's bytes replaced, taken out (None) or added."""
    read = zipfile.ZipFile(io.BytesIO(pack))
    files = {entry: read.read(entry) for entry in read.namelist()} | ({name: data} if data is not None else {})
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as folder:
        for entry, content in files.items():
            if entry != name or data is not None:
                folder.writestr(entry, content)
    return archive.getvalue()


async def test_a_pack_holds_the_papers_and_shows_each_changed_byte(
    office: Browser, api: Api, db: Db, database: Database, settings: Settings, admin: Row, tmp_path: Path
) -> None:
    _, pack = await packed(office, api, db, database, settings, admin)
    folder = zipfile.ZipFile(io.BytesIO(pack))
    certificate = next(name for name in folder.namelist() if name.startswith("certificates/Amina-Khan-RFT-C-"))
    summary = "".join(page.extract_text() for page in PdfReader(io.BytesIO(folder.read("summary.pdf"))).pages)
    assert "7 hours without breaks; the qualification demands 6" in summary
    assert folder.read("trainers.csv").decode().splitlines()[1:] == ["Ben Osei,EFAW,Qualsafe,,2017-01-01,2199-01-01"]
    assert "EFAW, of Qualsafe" in summary
    keys = tmp_path / "keys.json"
    known = {row["key_id"]: bytes(row["public_key"]) for row in rows(db, "select key_id, public_key from signing_keys")}
    keys.write_text(json.dumps(as_published(known)))

    def verdict(data: bytes) -> tuple[int, str]:
        file = tmp_path / "pack.zip"
        file.write_bytes(data)
        ran = CliRunner().invoke(cli, ["evidence", "verify", str(file), "--keys", str(keys), "--json"])
        return ran.exit_code, json.loads(ran.output).get("detail", "")

    assert verdict(pack) == (0, "")
    assert verdict(changed(pack, "hours.csv", b"Day\r\n")) == (1, "hours.csv is not as it was made.")
    assert verdict(changed(pack, certificate, None)) == (1, f"{certificate} is missing.")
    assert verdict(changed(pack, "more.txt", b"")) == (1, "more.txt was added.")
    forged = changed(pack, "manifest.sig", base64.urlsafe_b64encode(bytes(64)))
    assert verdict(forged) == (1, "The manifest is not signed by us, or it was changed.")
    assert verdict(b"PK") == (1, "This is no pack of ours.")


def test_a_byte_that_was_changed_anywhere_in_the_file_breaks_nothing_but_the_pack() -> None:
    signer = Signer.generate()
    pack = write_pack({"hours.csv": b"Day,Hours\n" * 20}, course="EFAW", made_at=utc(2026, 11, 22), signer=signer)
    for place in range(len(pack)):
        for flipped in (0x04, 0xFF):
            other = pack[:place] + bytes([pack[place] ^ flipped]) + pack[place + 1 :]
            # What no reader looks at, such as the time of a file in the ZIP, may differ; the papers may not.
            with suppress(PackBroken):
                assert read_pack(other, {signer.key_id: signer.public_key}).files == ["hours.csv"]


async def test_results_are_a_task_with_a_deadline_until_somebody_says_they_are_sent(
    office: Browser, db: Db, database: Database, admin: Row
) -> None:
    order = trained(db, *PEOPLE, course=a_qualified_course(db, "efaw"))
    trained(db, "Eve Wong")
    assert [await open_reports(database, now=utc_now()) for _ in range(2)] == [1, 0]
    assert "Results go to the awarding body by" in (await office.get("/office")).text
    address = address_of(order)
    sheet = (await office.get(f"{address}/results.csv")).text
    assert "Amina,Khan," in sheet
    assert ",Pass," in sheet
    assert "'=HYPERLINK" in sheet
    answers = [
        await office.send_form(f"{address}/sent", page=address if not turn else "/office", reference="AB 12")
        for turn in range(2)
    ]
    assert [answer.status_code for answer in answers] == [303, 409]
    report = one(db, "select sent_by, reference from awarding_body_reports")
    assert report == {"sent_by": admin["id"], "reference": "AB 12"}
    assert "Results go to" not in (await office.get("/office")).text


async def test_the_columns_are_data(office: Browser, db: Db) -> None:
    order = trained(db)
    db.execute("delete from awarding_body_columns where source <> 'last_name'")
    db.execute("update awarding_body_columns set title = 'Surname'")
    assert (await office.get(f"{address_of(order)}/results.csv")).content == "\ufeffSurname\r\nKhan\r\n".encode()


@pytest.mark.parametrize(
    ("ended", "due"),
    [(utc(2026, 12, 18, 16, 30), date(2027, 1, 6)), (utc(2026, 3, 27, 23, 30), date(2026, 4, 14))],
)
def test_ten_working_days_leave_out_bank_holidays(ended: datetime, due: date) -> None:
    assert results_due_on(ended) == due


async def test_nothing_is_packed_before_the_course_is_over(office: Browser, db: Db) -> None:
    page = f"/office/schedules/{a_schedule(db)['id']}/evidence"
    answer = await office.send_form(page, page="/office")
    assert answer.status_code == 409
    assert "last day has ended" in answer.text
