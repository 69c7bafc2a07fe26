"""The organisation's form: what was typed, given back as it was, and what it means."""

from collections.abc import Mapping

from pydantic import ValidationError

from rft.organisations.queries import Organisation
from rft.organisations.schemas import OrganisationRequest
from rft.web.forms import form_errors

LABELS = {
    "name": "Name",
    "billing_name": "Made out to",
    "billing_address": "Address",
    "billing_email": "E-mail for invoices and reminders",
    "accounts_contact": "Who pays there",
    "vat_number": "VAT number",
    "is_approved_for_invoice": "Approved to pay on purchase order",
    "credit_limit": "Credit limit",
    "payment_terms_days": "Days to pay",
    "reminds_before_due": "Remind them a week before a payment is due",
    "notes": "Notes for the office",
    "is_active": "Active",
}
_BOXES = ("is_approved_for_invoice", "reminds_before_due", "is_active")
_LINES = tuple(name for name in LABELS if name not in (*_BOXES, "billing_address", "notes"))


class OrganisationForm:
    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = {name: typed.get(name, "").strip() for name in (*_LINES, "billing_address", "notes")}
        self.ticked = {name: typed.get(name, "") == "yes" for name in _BOXES}

    @classmethod
    def blank(cls, name: str = "") -> "OrganisationForm":
        return cls({"name": name, "payment_terms_days": "30", "credit_limit": "0.00", "is_active": "yes"})

    @classmethod
    def of(cls, organisation: Organisation) -> "OrganisationForm":
        typed = {name: str(getattr(organisation, name) or "") for name in (*_LINES, "notes")}
        typed |= {name: "yes" for name in _BOXES if getattr(organisation, name)}
        typed["payment_terms_days"] = str(organisation.payment_terms_days)
        typed["credit_limit"] = str(organisation.credit_limit)
        typed["billing_address"] = "\n".join(organisation.billing_address)
        return cls(typed)

    @property
    def fields(self) -> dict[str, str]:
        """As the form sends them; a box that is not ticked is empty."""
        return self.typed | {name: "yes" if is_ticked else "" for name, is_ticked in self.ticked.items()}

    def read(self) -> tuple[OrganisationRequest | None, dict[str, str]]:
        """What was meant; or None, and a sentence for each field that is wrong."""
        values = {name: value or None for name, value in self.typed.items()}
        values["name"], values["notes"] = self.typed["name"], self.typed["notes"]
        values["credit_limit"] = self.typed["credit_limit"].lstrip("£").replace(",", "") or "0"
        values["payment_terms_days"] = self.typed["payment_terms_days"] or "30"
        lines = [line.strip() for line in self.typed["billing_address"].splitlines() if line.strip()]
        try:
            return OrganisationRequest.model_validate(values | {"billing_address": lines} | self.ticked), {}
        except ValidationError as wrong:
            # A line of the address belongs to the one field that holds them all.
            return None, {name.split(".")[0]: text for name, text in form_errors(wrong).items()}
