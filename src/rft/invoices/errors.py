"""What can be refused about invoices."""

from rft.errors import Refusal


class InvoiceUneven(Refusal):
    status = 409
    title = "The invoice does not add up"
    sentence = "An invoice is the sum of its lines, and no line is added later."
    rules = ("invoices_add_up",)


class CreditTooLarge(Refusal):
    status = 409
    title = "More than was invoiced"
    sentence = "No more can be credited than the invoice asked for."
    rules = ("invoices_credit_within_invoice",)
