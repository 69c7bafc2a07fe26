"""What the tests of invoices stand on."""

import io
from collections.abc import Awaitable, Callable
from typing import Any

import pypdf

from rft import jobs
from rft.database.pool import Database
from rft.invoices import jobs as invoicing
from rft.invoices.paper import print_paper, read_paper
from rft.invoices.queries import get_invoice
from rft.settings import Settings
from tests.builders import Db, Row
from tests.features.mailing import an_order, rows, see_jobs

WORK: dict[str, Callable[..., Awaitable[None]]] = {
    "invoices.issue_invoice": invoicing.issue_invoice,
    "invoices.issue_supplement": invoicing.issue_supplement,
    "invoices.credit": invoicing.credit,
    "invoices.credit_cancelled": invoicing.credit_cancelled,
}


def charge_vat(db: Db) -> None:
    """The company is registered, and its prices include VAT at 20 percent."""
    db.execute("update company_profile set vat_rate = 20, vat_number = 'GB123456789'")


def reserved(db: Db, **columns: Any) -> Row:
    """Three seats of Khan & Sons' on a purchase order."""
    terms = {"payment_method": "invoice", "organisation_name": "Khan & Sons", "purchase_order": "PO-7"}
    return an_order(db, confirmed=False, people=("Amina Khan", "Dev Shah", None), **{**terms, **columns})


async def work(database: Database, settings: Settings, db: Db) -> None:
    """Runs the invoices' jobs that wait."""
    see_jobs(db)
    waiting = "select id, task_name, args from procrastinate_jobs where status = 'todo' and task_name like 'invoices.%%' order by id"
    for job in rows(db, waiting):
        await WORK[job["task_name"]](jobs.Context(database, settings), **job["args"])
        db.execute("delete from procrastinate_jobs where id = %s", (job["id"],))


async def pdf_words(database: Database, number: str) -> str:
    async with database.connection() as connection:
        paper = await read_paper(connection, await get_invoice(connection, number))
    pages = pypdf.PdfReader(io.BytesIO(await print_paper(paper))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())
