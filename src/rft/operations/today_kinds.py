"""The kinds of work that Today shows: what a row of each says, how urgent it is, and where it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from rft.kit.clock import day_in_words, london_today
from rft.kit.money import in_words


@dataclass(frozen=True, slots=True)
class Found:
    """A row of today_work.sql. `place` is a reference or a date's number; `until` is the day it is put off to."""

    kind: str
    place: str | None
    number: int | None
    total: int | None
    name: str | None
    city: str | None
    at: datetime
    amount: Decimal | None
    until: date | None
    of_kind: int

    @property
    def when(self) -> str:
        return day_in_words(london_today(self.at))

    @property
    def dated(self) -> str:
        return f"{self.name}, {self.when}, {self.city}"

    def count(self, one: str, many: str) -> str:
        return f"{self.number} {one if self.number == 1 else many}"


@dataclass(frozen=True, slots=True)
class Kind:
    icon: str
    tone: str
    action: str
    href: str
    text: Callable[[Found], str]
    detail: Callable[[Found], str]


def _dated(found: Found) -> str:
    return found.dated


# The most urgent first.
KINDS: dict[str, Kind] = {
    "refund_waiting": Kind(
        "refund", "danger", "Look", "/office/orders/{place}",
        lambda found: f"{in_words(found.amount or Decimal())} has to go back to {found.name}",
        lambda found: f"Paid after the hold was over, on {found.when}",
    ),
    "disputed": Kind(
        "card", "danger", "Look", "/office/orders/{place}",
        lambda found: f"A bank disputes {in_words(found.amount or Decimal())} of {found.name or 'a customer'}",
        lambda found: f"Answer it at Stripe by {found.when}",
    ),
    "payment_unsettled": Kind(
        "refund", "danger", "Decide", "/office/refunds",
        lambda found: f"{in_words(found.amount or Decimal())} from {found.name} belongs to no seat",
        lambda found: f"Received on {found.when}, and not what the order asked for",
    ),
    "refund_failed": Kind(
        "refund", "danger", "Decide", "/office/refunds/{place}",
        lambda found: f"A refund of {in_words(found.amount or Decimal())} to {found.name} failed",
        lambda found: f"Owed since {found.when}",
    ),
    "refund_stuck": Kind(
        "refund", "danger", "Look", "/office/refunds/{place}",
        lambda found: f"{in_words(found.amount or Decimal())} for {found.name} has not reached Stripe yet",
        lambda found: "Are the jobs running?",
    ),
    "refund_by_hand": Kind(
        "refund", "warning", "Give back", "/office/refunds/{place}",
        lambda found: f"{in_words(found.amount or Decimal())} goes back to {found.name} by hand",
        lambda found: f"Owed since {found.when}",
    ),
    "event_stuck": Kind(
        "card", "danger", "Look", "/office/orders/{place}",
        lambda found: f"{found.count('message', 'messages')} from Stripe not settled for more than five minutes",
        lambda found: "Payments may be waiting to be confirmed; are the jobs running?",
    ),
    "mail_failed": Kind(
        "mail", "danger", "Look", "/office/outbox?state=failed",
        lambda found: f"{found.count('e-mail', 'e-mails')} could not be delivered",
        lambda found: f"The oldest was written on {found.when}",
    ),
    "rule_broken": Kind(
        "check", "danger", "Look", "/office/rules",
        lambda found: f"{found.count('rule is', 'rules are')} broken by what is stored",
        lambda found: f"Found on {found.when}",
    ),
    "differs": Kind(
        "balance", "danger", "Explain", "/office/reconciliation",
        lambda found: f"The ledger and Stripe differ in {found.count('place', 'places')}, by {in_words(found.amount or Decimal())}",
        lambda found: f"The oldest since {found.when}",
    ),
    "backup_late": Kind(
        "system", "danger", "Look", "/office/system",
        lambda found: "There is no backup of the last 24 hours",
        lambda found: f"The newest was made on {found.when}",
    ),
    "job_failed": Kind(
        "system", "warning", "Look", "/office/system",
        lambda found: f"{found.count('background job has', 'background jobs have')} failed for good",
        lambda found: "Try again or give up",
    ),
    "no_instructor": Kind(
        "person", "danger", "Decide", "/office/schedules/{place}",
        lambda found: "Nobody teaches this date yet",
        _dated,
    ),
    "away": Kind(
        "person", "danger", "Find a stand-in", "/office/planning/replace?schedule={place}",
        lambda found: f"{found.name} is away, and teaches a date then",
        lambda found: f"{found.when}, {found.city}",
    ),
    "unqualified": Kind(
        "certificate", "danger", "Find a stand-in", "/office/planning/replace?schedule={place}",
        lambda found: f"{found.name} has no valid qualification for a date",
        lambda found: f"{found.when}, {found.city}",
    ),
    "unanswered": Kind(
        "person", "warning", "Look", "/office/schedules/{place}",
        lambda found: f"{found.name} has not answered whether they teach a date",
        lambda found: f"{found.when}, {found.city}",
    ),
    "paper_ends": Kind(
        "certificate", "warning", "Renew", "/office/instructors/{place}",
        lambda found: f"A qualification of {found.name} runs out",
        lambda found: f"Valid until {found.when}",
    ),
    "approval": Kind(
        "order", "warning", "Decide", "/office/orders/{place}",
        lambda found: f"{found.name} asks to pay {in_words(found.amount or Decimal())} on a purchase order",
        lambda found: f"The places are kept until {found.when}",
    ),
    "overdue": Kind(
        "order", "warning", "Chase", "/office/receivables",
        lambda found: f"{found.count('purchase order is', 'purchase orders are')} overdue: {in_words(found.amount or Decimal())}",
        lambda found: f"The oldest was due on {found.when}",
    ),
    "unpaid": Kind(
        "order", "warning", "Chase", "/office/orders/{place}",
        lambda found: f"{in_words(found.amount or Decimal())} unpaid on a purchase order of {found.name}",
        lambda found: f"The course is on {found.when}",
    ),
    "nameless": Kind(
        "person", "warning", "See who", "/office/schedules/{place}",
        lambda found: f"{found.number} of {found.total} attendees have no name",
        _dated,
    ),
    "few_seats": Kind(
        "people", "warning", "Decide", "/office/schedules/{place}",
        lambda found: f"Only {found.number} of {found.total} places are taken" if found.number else "Nobody has booked this date yet",
        _dated,
    ),
    "undecided": Kind(
        "people", "warning", "Decide", "/office/schedules/{place}",
        lambda found: f"{found.number} of the {found.total} people needed: does it run?",
        _dated,
    ),
    "waiting": Kind(
        "people", "info", "See who", "/office/waiting",
        lambda found: f"{found.count('person still waits', 'people still wait')} for a place on a date that is near",
        lambda found: f"The first is on {found.when}",
    ),
    "register_open": Kind(
        "list", "info", "Close", "/office/schedules/{place}/register",
        lambda found: f"Over, and {found.count('place is', 'places are')} still to be marked",
        _dated,
    ),
    "results_due": Kind(
        "certificate", "warning", "Send", "/office/schedules/{place}/evidence",
        lambda found: f"Results go to the awarding body by {found.when}",
        lambda found: f"{found.name}, {found.city}",
    ),
    "certificates_due": Kind(
        "certificate", "good", "Issue", "/office/schedules/{place}",
        lambda found: f"{found.count('certificate is', 'certificates are')} ready to issue",
        _dated,
    ),
}  # fmt: skip
