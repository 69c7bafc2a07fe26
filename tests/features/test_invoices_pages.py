"""Invoices on pages and over JSON: the customer's own, the office's list, months, files for the bookkeeping."""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pypdf
import pytest
from typer.testing import CliRunner

from rft.cli import app
from rft.database.pool import Database
from rft.invoices.service import issue_credit_note, issue_invoice
from rft.kit.references import hash_token, new_token
from tests.builders import Db, Row
from tests.features.api import Api, bearer, problem
from tests.features.browser import Browser
from tests.features.invoicing import charge_vat, reserved
from tests.features.mailing import an_order

NOW = datetime(2026, 11, 22, 10, 0)  # noqa: DTZ001 (UTC without zone)


@pytest.fixture
async def books(db: Db, database: Database) -> list[Row]:
    """Amina's paid order and Khan & Sons' unpaid one, each with its invoice, and £25 credited to Amina."""
    charge_vat(db)
    orders = [an_order(db), reserved(db, booker_name="Dev Shah", organisation_name='=HYPERLINK("x")')]
    for order in orders:
        await database.run(lambda connection, order=order: issue_invoice(connection, order["id"], now=NOW))
    seat = orders[0]["bookings"][0]["id"]
    terms = {"amount": Decimal("25.00"), "booking_id": seat, "reason": "Ill.", "now": NOW, "source": "refund 1"}
    await database.run(lambda connection: issue_credit_note(connection, orders[0]["id"], **terms))
    return orders


def known_by(db: Db, order: Row) -> str:
    """A token that opens the order."""
    token = new_token()
    db.execute("update orders set access_token_hash = %s where id = %s", (hash_token(token), order["id"]))
    return token


def reads_as_pdf(body: bytes) -> str:
    return pypdf.PdfReader(io.BytesIO(body)).pages[0].extract_text()


async def test_the_customer_finds_the_invoice_beside_the_order_and_nobody_else_does(
    db: Db, books: list[Row], browser: Browser, new_browser: Callable[..., Browser]
) -> None:
    page = f"/orders/{books[0]['reference']}"
    await browser.get(page, params={"access_token": known_by(db, books[0])})
    assert f"{page}/invoices" in (await browser.get(page)).text
    shown = (await browser.get(f"{page}/invoices")).text
    assert "INV-2026-000001" in shown
    assert "CN-2026-000001" in shown
    pdf = await browser.get(f"{page}/invoices/INV-2026-000001.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert "Amina Khan" in reads_as_pdf(pdf.content)
    assert (await browser.get(f"{page}/invoices/INV-2026-000002.pdf")).status_code == 404
    stranger = new_browser()
    for address in (f"{page}/invoices", f"{page}/invoices/INV-2026-000001.pdf", "/office/invoices/INV-2026-000001/pdf"):
        assert (await stranger.get(address)).status_code in (303, 404)


async def test_an_order_over_json_answers_its_invoices(db: Db, books: list[Row], api: Api) -> None:
    headers = bearer(known_by(db, books[0]))
    body = (await api.get(f"/orders/{books[0]['reference']}", headers=headers)).json()
    assert [(found["number"], found["status"], found["total"]) for found in body["invoices"]] == [
        ("INV-2026-000001", "paid", "75.00"), ("CN-2026-000001", "credit_note", "25.00"),
    ]  # fmt: skip
    path = body["invoices"][0]["pdf"].removeprefix("/api/v1")
    assert "75.00" in reads_as_pdf((await api.get(path, headers=headers)).content)
    assert problem(await api.get(path)) == (404, "order_not_found")
    assert problem(await api.get(path.replace("000001", "000002"), headers=headers)) == (404, "invoice_not_found")


async def test_the_office_finds_invoices(books: list[Row], office: Browser) -> None:
    wanted = {
        "": ["CN-2026-000001", "INV-2026-000002", "INV-2026-000001"],
        "state=unpaid": ["INV-2026-000002"],
        "state=paid": ["INV-2026-000001"],
        "state=credit_note": ["CN-2026-000001"],
        "state=overdue": [],
        "q=dev sh": ["INV-2026-000002"],
        "q=po-7": ["INV-2026-000002"],
        "month=2026-11&state=paid": ["INV-2026-000001"],
        "month=2026-12": [],
    }
    for query, numbers in wanted.items():
        page = (await office.get(f"/office/invoices?{query}")).text
        links = page.split('<a href="/office/invoices/')[1:]
        assert [link.split('">')[0] for link in links if link[0] in "IC"] == numbers, query


async def test_what_is_late_is_overdue(db: Db, database: Database, office: Browser) -> None:
    order = reserved(db)
    long_ago = datetime(2020, 1, 10, 10, 0)  # noqa: DTZ001 (UTC without zone)
    await database.run(lambda connection: issue_invoice(connection, order["id"], now=long_ago))
    assert "INV-2020-000001" in (await office.get("/office/invoices?state=overdue")).text


async def test_an_invoice_shows_its_lines_money_and_credit_notes(books: list[Row], office: Browser) -> None:
    assert (await office.get("/office/invoices?q=inv-2026-000001")).headers[
        "location"
    ] == "/office/invoices/INV-2026-000001"
    page = (await office.get("/office/invoices/INV-2026-000001")).text
    for text in (
        "Invoice and receipt INV-2026-000001",
        "£62.50",
        "£12.50",
        "Received by bank transfer",
        "CN-2026-000001",
        "Ill.",
    ):
        assert text in page
    note = await office.get("/office/invoices/CN-2026-000001")
    assert "For invoice" in note.text
    assert "£25.00" in reads_as_pdf((await office.get("/office/invoices/CN-2026-000001/pdf")).content)
    assert (await office.get("/office/invoices/INV-2026-999999")).status_code == 404


async def test_months_add_up_and_lead_to_their_files(books: list[Row], office: Browser) -> None:
    page = (await office.get("/office/invoices/months")).text
    for text in ("November 2026", "2 invoices, 1 credit note", "£300.00", "−£25.00", "£275.00"):
        assert text in page
    assert "format=xero&amp;from=2026-11-01&amp;to=2026-11-30" in page


async def read_export(office: Browser, wanted: str) -> list[dict[str, str]]:
    answer = await office.get(f"/office/invoices/export.csv?format={wanted}&from=2026-11-01&to=2026-11-30")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


async def test_each_system_gets_its_columns_and_what_customers_typed_is_no_formula(
    books: list[Row], office: Browser
) -> None:
    xero = await read_export(office, "xero")
    amounts = [(row["*InvoiceNumber"], row["*UnitAmount"], row["TaxAmount"], row["*TaxType"]) for row in xero]
    assert amounts[0] == ("INV-2026-000001", "75.00", "12.50", "20% (VAT on Income)")
    assert amounts[-1] == ("CN-2026-000001", "-25.00", "-4.17", "20% (VAT on Income)")
    assert (xero[0]["*InvoiceDate"], xero[1]["*DueDate"]) == ("22/11/2026", "22/12/2026")
    assert sum(Decimal(row["*UnitAmount"]) for row in xero) == Decimal("275.00")
    assert xero[1]["*ContactName"] == '\'=HYPERLINK("x")'
    sage = await read_export(office, "sage")
    assert [(row["Type"], row["Net Amount"], row["Tax Code"], row["Tax Amount"]) for row in (sage[0], sage[-1])] == [
        ("SI", "62.50", "T1", "12.50"), ("SC", "20.83", "T1", "4.17"),
    ]  # fmt: skip
    freeagent = await read_export(office, "freeagent")
    assert [(row["reference"], row["price"], row["sales_tax_rate"]) for row in (freeagent[0], freeagent[-1])] == [
        ("INV-2026-000001", "62.50", "20.00"), ("CN-2026-000001", "-20.83", "20.00"),
    ]  # fmt: skip
    assert freeagent[0]["dated_on"] == "2026-11-22"


async def test_days_that_are_none_come_back_beside_their_field(office: Browser) -> None:
    for days in ("from=2026-11-31&to=2026-11-30", "from=2026-11-02&to=2026-11-01", "from=&to=x"):
        answer = await office.get(f"/office/invoices/export.csv?format=sage&{days}")
        assert answer.status_code == 422
        assert "field__error" in answer.text


def test_the_command_writes_the_same_file(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("RFT_BASE_URL", "http://rft.test")
    monkeypatch.setenv("RFT_SECRET_KEY", new_token())
    asked = [
        "invoices",
        "export",
        "--format",
        "sage",
        "--from",
        "2026-11-01",
        "--to",
        "2026-11-30",
        str(tmp_path / "sage.csv"),
    ]
    assert CliRunner().invoke(app, asked).exit_code == 0
    assert (tmp_path / "sage.csv").read_text("utf-8").startswith("Type,Account Reference,Nominal A/C Ref,")
