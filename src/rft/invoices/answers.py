"""How a document leaves: as a PDF to keep, or told in JSON."""

from typing import Any

from fastapi import Response

from rft.database.pool import Database
from rft.invoices.paper import print_paper, read_paper
from rft.invoices.queries import Invoice, get_invoice
from rft.kit.clock import london_today, utc_now


async def pdf_answer(database: Database, number: str, *, order_id: int | None = None) -> Response:
    """No connection is held while the page is drawn. Raises NotFound."""
    async with database.connection() as db:
        paper = await read_paper(db, await get_invoice(db, number, order_id=order_id))
    headers = {"content-disposition": f'attachment; filename="{paper.invoice.number}.pdf"'}
    return Response(await print_paper(paper), headers=headers, media_type="application/pdf")


def invoice_body(invoice: Invoice) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "kind": invoice.kind,
        "status": invoice.standing(london_today(utc_now())),
        "issued_on": invoice.issued_on.isoformat(),
        "due_on": invoice.due_on.isoformat(),
        "credits": invoice.credits_number,
        "adds_to": invoice.adds_to_number,
        "net": str(invoice.net),
        "vat": str(invoice.vat),
        "total": str(invoice.total),
        "pdf": f"/api/v1/orders/{invoice.order_reference}/invoices/{invoice.number}.pdf",
    }
