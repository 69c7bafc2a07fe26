"""The points at which something is killed, between the customer's click and the mail, and between money owed and money returned.

The product knows nothing of them: a process stops there because it waits for a lock that we hold, for Stripe or for the mail server.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

import psycopg

from benchmarks.plant import Plant

Victim = Literal["web", "worker", "database"]
IsThere = Callable[[], bool]
_STANDING = """
select pid from pg_stat_activity
 where datname = current_database() and wait_event_type = 'Lock' and query ilike %(asked)s
"""
# Longer than it takes to kill, shorter than the product waits for an answer.
_HELD_SECONDS = 3.0


@dataclass(frozen=True)
class Scene:
    plant: Plant
    # The reference of the order whose money moves.
    order: str


# Stops the product while the block lasts; what it gives says whether somebody stands there by now.
Point = Callable[[Scene], AbstractContextManager[IsThere]]


@dataclass(frozen=True)
class Cut:
    """`story` leads there. The points are held one after the other, so that none is let go before the next one stands."""

    name: str
    story: Literal["page", "pay", "refund"]
    points: tuple[Point, ...]
    victims: tuple[Victim, ...]


def locked(lock: str, asked: str) -> Point:
    """The product stops at a statement like `asked`, which wants what this statement of ours has locked."""

    @contextmanager
    def hold(scene: Scene) -> Iterator[IsThere]:
        db = scene.plant.connect(autocommit=False)
        try:
            db.execute(lock.encode(), {"order": scene.order})
            yield lambda: bool(scene.plant.ask(_STANDING, {"asked": asked}))
        finally:
            with suppress(psycopg.Error):
                db.close()

    return hold


def at_stripe(act: Literal["delay_before", "delay_after"], method: str, path: str) -> Point:
    """Stripe is asked and takes its time, before it does what was asked or with its answer."""

    @contextmanager
    def hold(scene: Scene) -> Iterator[IsThere]:
        scene.plant.ledger.fault(act, method, path, seconds=_HELD_SECONDS)
        yield lambda: scene.plant.ledger.faults_left() == 0

    return hold


@contextmanager
def at_the_mail_server(scene: Scene) -> Iterator[IsThere]:
    """The mail has been handed over, and the server does not say that it has it."""
    scene.plant.mails.asked.clear()
    scene.plant.mails.shut.set()
    try:
        yield scene.plant.mails.asked.is_set
    finally:
        scene.plant.mails.shut.clear()


def _table(name: str, asked: str) -> Point:
    return locked(f"lock table {name} in share mode", asked)


_ORDER = locked("select from orders where reference = %(order)s for update", "%from orders%for no key update%")
# Whoever writes money holds its booking already: what stops here is the change of it, not the lock on it.
_SEATS = _table("bookings", "%update bookings%")


def _end_of(task: str) -> Point:
    """The job's work is done and kept; that it is done is not written down yet."""
    return locked(
        f"select from jobs.procrastinate_jobs where task_name like '{task}' and status = 'doing' for update",
        "%procrastinate_finish_job%",
    )


_SESSIONS, _REFUNDS = "/v1/checkout/sessions", "/v1/refunds"
_WEB: tuple[Victim, ...] = ("web", "database")
_WORKER: tuple[Victim, ...] = ("worker", "database")
_EVERYTHING: tuple[Victim, ...] = ("web", "worker", "database")

CUTS = [
    Cut("the page is about to be asked for", "page", (_table("checkout_attempts", "%update checkout_attempts%"),), _WEB),
    Cut("Stripe is asked for the page", "page", (at_stripe("delay_before", "POST", _SESSIONS),), _WEB),
    Cut("Stripe has opened the page", "page", (at_stripe("delay_after", "POST", _SESSIONS),), _WEB),
    Cut("the event is about to be kept", "pay", (_table("webhook_events", "%insert into webhook_events%"),), _WEB),
    Cut("Stripe is asked about the event", "pay", (at_stripe("delay_before", "GET", _SESSIONS),), _EVERYTHING),
    Cut("the order is about to be locked", "pay", (_ORDER,), _WORKER),
    Cut("the money is about to be written down", "pay", (_table("payment_transactions", "%insert into payment_transactions%"),), _WORKER),
    Cut("the seats are about to be confirmed", "pay", (_SEATS,), _WORKER),
    Cut("the confirmation is about to be queued", "pay", (_SEATS, _table("jobs.procrastinate_jobs", "%defer_job%")), _WORKER),
    Cut("settled, the job not yet done", "pay", (_SEATS, _end_of("payments.settle_event")), _WORKER),
    Cut("the mail is about to be written", "pay", (_table("outbox_mails", "%insert into outbox_mails%"),), _WORKER),
    Cut("the mail server has not answered", "pay", (at_the_mail_server,), _WORKER),
    Cut("the mail is about to be logged", "pay", (_table("email_logs", "%email_logs%"),), _WORKER),
    Cut("Stripe is asked for the refund", "refund", (at_stripe("delay_before", "POST", _REFUNDS),), _EVERYTHING),
    Cut("Stripe has made the refund", "refund", (at_stripe("delay_after", "POST", _REFUNDS),), _EVERYTHING),
    Cut(
        "the refund is about to be written down", "refund",
        (at_stripe("delay_after", "POST", _REFUNDS), _table("payment_transactions", "%insert into payment_transactions%")), _WORKER,
    ),
]  # fmt: skip
