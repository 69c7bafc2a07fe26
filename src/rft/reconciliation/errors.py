"""What can be refused about comparing books."""

from rft.errors import Refusal


class EvidenceKept(Refusal):
    status = 409
    title = "This stays as it was"
    sentence = "What was seen at Stripe, and what was found about it, is not changed afterwards."
    rules = ("reconciliation_kept",)


class AlreadyResolved(Refusal):
    status = 409
    title = "Already resolved"
    sentence = "This difference has been resolved meanwhile."
