"""What the office sees first: the figures of the day, what needs doing, and the dates of the next two weeks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.kit.clock import day_in_words, from_london, london_today
from rft.kit.money import in_words
from rft.schedules.office_queries import Listed, list_between

DAYS_AHEAD = 14
# Events are settled within seconds; after this the jobs have stopped or Stripe cannot be reached.
_STUCK = timedelta(minutes=5)
# A date under its minimum is a decision to take when its day is so near.
_DECIDE_WITHIN = timedelta(days=7)
# Of one kind of work so much is shown; who has more of it wants a list.
FIRST_FEW, ALL = 4, 100
_FIGURES = statement(__file__, "today.sql")
_WORK = statement(__file__, "work.sql")


@dataclass(frozen=True, slots=True)
class Figures:
    """`taken` of `seats` in the next fourteen days; money net of what went back; `amount` is owed by the `orders` waiting."""

    taken: int
    seats: int
    month: Decimal
    today: Decimal
    orders: int
    amount: Decimal
    failed: int


@dataclass(frozen=True, slots=True)
class Work:
    """One thing to do: a sentence, a detail, and where it is done."""

    icon: str
    tone: str
    text: str
    detail: str
    href: str
    action: str


@dataclass(frozen=True, slots=True)
class ToDo:
    """`hidden` more things of the same kinds are not among the `shown`."""

    shown: list[Work]
    hidden: int


@dataclass(frozen=True, slots=True)
class _Found:
    """A row of work.sql. `place` is a reference or a date's number."""

    kind: str
    place: str | None
    number: int | None
    total: int | None
    name: str | None
    city: str | None
    at: datetime
    amount: Decimal | None
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
class _Kind:
    icon: str
    tone: str
    action: str
    href: str
    text: Callable[[_Found], str]
    detail: Callable[[_Found], str]


def _dated(found: _Found) -> str:
    return found.dated


# The most urgent first.
_KINDS: dict[str, _Kind] = {
    "refund_waiting": _Kind(
        "refund", "danger", "Look", "/office/orders/{place}",
        lambda found: f"{in_words(found.amount or Decimal())} has to go back to {found.name}",
        lambda found: f"Paid after the hold was over, on {found.when}",
    ),
    "disputed": _Kind(
        "card", "danger", "Look", "/office/orders/{place}",
        lambda found: f"A bank disputes {in_words(found.amount or Decimal())} of {found.name or 'a customer'}",
        lambda found: f"Answer it at Stripe by {found.when}",
    ),
    "payment_unsettled": _Kind(
        "refund", "danger", "Decide", "/office/refunds",
        lambda found: f"{in_words(found.amount or Decimal())} from {found.name} belongs to no seat",
        lambda found: f"Received on {found.when}, and not what the order asked for",
    ),
    "refund_failed": _Kind(
        "refund", "danger", "Decide", "/office/refunds/{place}",
        lambda found: f"A refund of {in_words(found.amount or Decimal())} to {found.name} failed",
        lambda found: f"Owed since {found.when}",
    ),
    "refund_stuck": _Kind(
        "refund", "danger", "Look", "/office/refunds/{place}",
        lambda found: f"{in_words(found.amount or Decimal())} for {found.name} has not reached Stripe yet",
        lambda found: "Are the jobs running?",
    ),
    "refund_by_hand": _Kind(
        "refund", "warning", "Give back", "/office/refunds/{place}",
        lambda found: f"{in_words(found.amount or Decimal())} goes back to {found.name} by hand",
        lambda found: f"Owed since {found.when}",
    ),
    "event_stuck": _Kind(
        "card", "danger", "Look", "/office/orders/{place}",
        lambda found: f"{found.count('message', 'messages')} from Stripe not settled for more than five minutes",
        lambda found: "Payments may be waiting to be confirmed; are the jobs running?",
    ),
    "mail_failed": _Kind(
        "mail", "danger", "Look", "/office/outbox?state=failed",
        lambda found: f"{found.count('e-mail', 'e-mails')} could not be delivered",
        lambda found: f"The oldest was written on {found.when}",
    ),
    "no_instructor": _Kind(
        "person", "danger", "Decide", "/office/schedules/{place}",
        lambda found: "Nobody teaches this date yet",
        _dated,
    ),
    "away": _Kind(
        "person", "danger", "Find a stand-in", "/office/planning/replace?schedule={place}",
        lambda found: f"{found.name} is away, and teaches a date then",
        lambda found: f"{found.when}, {found.city}",
    ),
    "unqualified": _Kind(
        "certificate", "danger", "Find a stand-in", "/office/planning/replace?schedule={place}",
        lambda found: f"{found.name} has no valid qualification for a date",
        lambda found: f"{found.when}, {found.city}",
    ),
    "paper_ends": _Kind(
        "certificate", "warning", "Renew", "/office/instructors/{place}",
        lambda found: f"A qualification of {found.name} runs out",
        lambda found: f"Valid until {found.when}",
    ),
    "approval": _Kind(
        "order", "warning", "Decide", "/office/orders/{place}",
        lambda found: f"{found.name} asks to pay {in_words(found.amount or Decimal())} on a purchase order",
        lambda found: f"The places are kept until {found.when}",
    ),
    "overdue": _Kind(
        "order", "warning", "Chase", "/office/receivables",
        lambda found: f"{found.count('purchase order is', 'purchase orders are')} overdue: {in_words(found.amount or Decimal())}",
        lambda found: f"The oldest was due on {found.when}",
    ),
    "unpaid": _Kind(
        "order", "warning", "Chase", "/office/orders/{place}",
        lambda found: f"{in_words(found.amount or Decimal())} unpaid on a purchase order of {found.name}",
        lambda found: f"The course is on {found.when}",
    ),
    "nameless": _Kind(
        "person", "warning", "See who", "/office/schedules/{place}",
        lambda found: f"{found.number} of {found.total} attendees have no name",
        _dated,
    ),
    "few_seats": _Kind(
        "people", "warning", "Decide", "/office/schedules/{place}",
        lambda found: f"Only {found.number} of {found.total} places are taken" if found.number else "Nobody has booked this date yet",
        _dated,
    ),
    "undecided": _Kind(
        "people", "warning", "Decide", "/office/schedules/{place}",
        lambda found: f"{found.number} of the {found.total} people needed: does it run?",
        _dated,
    ),
    "register_open": _Kind(
        "list", "info", "Close", "/office/schedules/{place}/register",
        lambda found: f"Over, and {found.count('place is', 'places are')} still to be marked",
        _dated,
    ),
    "certificates_due": _Kind(
        "certificate", "good", "Issue", "/office/schedules/{place}",
        lambda found: f"{found.count('certificate is', 'certificates are')} ready to issue",
        _dated,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checked:
    """When the rules were last checked from the office, how many there were, and how many were broken."""

    at: datetime
    total: int
    broken: int


async def find_last_check(db: Connection) -> Checked | None:
    async with db.cursor(row_factory=class_row(Checked)) as cursor:
        await cursor.execute(
            """
            select created_at as at, (new_values ->> 'total')::integer as total, (new_values ->> 'broken')::integer as broken
              from admin_activity_logs
             where action = 'rules.check'
             order by id desc
             limit 1
            """
        )
        return await cursor.fetchone()


async def read_figures(db: Connection, now: datetime) -> Figures:
    today = london_today(now)
    values = _days(now) | {"month": from_london(today.replace(day=1), time.min)}
    async with db.cursor(row_factory=class_row(Figures)) as cursor:
        await cursor.execute(_FIGURES, values)
        figures = await cursor.fetchone()
    assert figures is not None, "sums without groups are one row"
    return figures


async def list_work(db: Connection, now: datetime, *, most: int = FIRST_FEW) -> ToDo:
    """The most urgent kind first, in each kind the oldest; at most so many of one kind."""
    values = _days(now) | {
        "now": now,
        "five_minutes_ago": now - _STUCK,
        "most": most,
        "decide_until": london_today(now) + _DECIDE_WITHIN,
    }
    async with db.cursor(row_factory=class_row(_Found)) as cursor:
        await cursor.execute(_WORK, values)
        found = await cursor.fetchall()
    kinds = list(_KINDS)
    shown = [_work(row) for row in sorted(found, key=lambda row: kinds.index(row.kind))]
    return ToDo(shown, sum({row.kind: row.of_kind for row in found}.values()) - len(shown))


def _work(found: _Found) -> Work:
    kind = _KINDS[found.kind]
    href = (
        kind.href.format(place=found.place) if found.place or "{" not in kind.href else "/office/orders?state=waiting"
    )
    return Work(kind.icon, kind.tone, kind.text(found), kind.detail(found), href, kind.action)


async def list_coming(db: Connection, now: datetime) -> list[Listed]:
    """The dates of the next fourteen London days, today's among them."""
    days = _days(now)
    return await list_between(db, days["today"], days["horizon"])


def _days(now: datetime) -> dict[str, datetime]:
    today = london_today(now)
    return {
        "today": from_london(today, time.min),
        "horizon": from_london(today + timedelta(days=DAYS_AHEAD), time.min),
    }
