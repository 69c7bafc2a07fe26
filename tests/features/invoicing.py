"""What the tests of invoices stand on."""

from typing import Any

from tests.builders import Db, Row
from tests.features.mailing import an_order


def charge_vat(db: Db) -> None:
    """The company is registered, and its prices include VAT at 20 percent."""
    db.execute("update company_profile set vat_rate = 20, vat_number = 'GB123456789'")


def reserved(db: Db, **columns: Any) -> Row:
    """Three seats of Khan & Sons' on a purchase order."""
    terms = {"payment_method": "invoice", "organisation_name": "Khan & Sons", "purchase_order": "PO-7"}
    return an_order(db, confirmed=False, people=("Amina Khan", "Dev Shah", None), **{**terms, **columns})
