"""The practice Stripe in process: what the customer, the bank and the test do, and the truth about the money."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rft.fake_stripe import disputes, faults, payouts, refunds, sessions
from rft.fake_stripe.books import Books, Origin, Thing, shown
from rft.fake_stripe.cards import DEFAULT_CARD, find_card
from rft.fake_stripe.database import Database
from rft.fake_stripe.faults import Fault
from rft.fake_stripe.refusals import Refused, missing_object
from rft.fake_stripe.sessions import Attempt


class Ledger:
    """Every public method is one transaction; several ledgers, in several processes, may share one file."""

    def __init__(self, database: Path | None = None) -> None:
        self._database = Database(database)
        self.after_post: Callable[[], object] = lambda: None

    @contextmanager
    def books(self, origin: Origin | None = None) -> Iterator[Books]:
        with self._database.transaction() as connection:
            books = Books(connection, time.time(), origin or Origin())
            yield books
        if books.posted:
            self.after_post()

    def close(self) -> None:
        self._database.close()

    # The truth

    def objects(self, kind: str) -> list[Thing]:
        """All objects of one kind ("charge", "refund", "event", …), oldest first."""
        with self.books() as books:
            return [shown(thing) for thing in books.each(kind)]

    def dump(self) -> dict[str, Any]:
        """Charges, refunds, disputes and their sums in pence; `held` is what customers have paid and not got back."""
        with self.books() as books:
            listed = {
                name: [shown(thing) for thing in books.each(name[:-1])] for name in ("charges", "refunds", "disputes")
            }
            entries = books.each("balance_transaction")
        charged = sum(charge["amount_captured"] for charge in listed["charges"] if charge["status"] == "succeeded")
        refunded = sum(refund["amount"] for refund in listed["refunds"] if refund["status"] in {"succeeded", "pending"})
        disputed = sum(dispute["amount"] for dispute in listed["disputes"] if dispute["status"] != "won")
        fees = sum(entry["fee"] for entry in entries)
        sums = {
            "charged": charged,
            "refunded": refunded,
            "disputed": disputed,
            "held": charged - refunded - disputed,
            "fees": fees,
            "balance": sum(entry["net"] for entry in entries),
        }
        return {**listed, "sums": sums}

    # The customer

    def pay(self, session: str, card: str = DEFAULT_CARD.number, email: str | None = None) -> Attempt:
        """Presses the pay button of the hosted page."""
        with self.books() as books:
            sessions.expire_due(books)
            return sessions.pay(books, books.get("checkout.session", session), find_card(card), email)

    def authenticate(self, session: str, *, confirmed: bool = True) -> Attempt:
        with self.books() as books:
            sessions.expire_due(books)
            return sessions.authenticate(books, books.get("checkout.session", session), confirmed=confirmed)

    # The bank and the clock

    def settle(self, intent: str, *, succeeded: bool = True) -> None:
        with self.books() as books:
            sessions.settle(books, books.get("payment_intent", intent), succeeded=succeeded)

    def finish_refund(self, refund: str) -> None:
        with self.books() as books:
            refunds.finish(books, books.get("refund", refund))

    def fail_refund(self, refund: str) -> None:
        with self.books() as books:
            refunds.fail(books, books.get("refund", refund))

    def next_refund(self, course: str) -> None:
        """Orders how the next refund goes: succeeds, fails_later, waits or waits_then_fails."""
        if course not in refunds.COURSES:
            raise Refused(f"Unknown course: one of {', '.join(refunds.COURSES)} is meant.", param="course")
        with self.books() as books:
            books.set("refund_courses", [*books.setting("refund_courses", []), course])

    def open_dispute(self, charge: str, reason: str = "fraudulent") -> Thing:
        with self.books() as books:
            return shown(disputes.open_dispute(books, books.get("charge", charge), reason))

    def close_dispute(self, dispute: str, *, won: bool) -> Thing:
        with self.books() as books:
            return shown(disputes.close_dispute(books, books.get("dispute", dispute), won=won))

    def pay_out(self, *, arrived: bool = False) -> list[Thing]:
        """Payday: everything in the balance goes to the bank at once, without the two days that it would wait."""
        with self.books() as books:
            return [shown(payout) for payout in payouts.pay_out_now(books, arrived=arrived)]

    def later_seconds(self, seconds: float) -> None:
        """How long "some seconds later" is, for payments, refunds and disputes begun from now on."""
        with self.books() as books:
            books.set("later_seconds", seconds)

    def tick(self, *, hurry: bool = False) -> None:
        """Does what is due: sessions expire, plans happen; `hurry` brings every plan forward to now."""
        with self.books() as books:
            sessions.expire_due(books)
            due = books.connection.execute(
                "delete from plans where due <= ? returning act, object_id", (float("inf") if hurry else books.now,)
            ).fetchall()
            for plan in due:
                self._carry_out(books, plan["act"], plan["object_id"])

    def _carry_out(self, books: Books, act: str, object_id: str) -> None:
        thing = books.find(object_id)
        # A test may have moved the object on by hand; the plan is then void.
        if thing is None:
            return
        if act in {"settle", "fail_settlement"} and thing["status"] == "processing":
            sessions.settle(books, thing, succeeded=act == "settle")
        elif act == "finish_refund" and thing["status"] == "pending":
            refunds.finish(books, thing)
        elif act == "fail_refund" and thing["status"] in {"succeeded", "pending"}:
            refunds.fail(books, thing)
        elif act == "dispute" and not thing["disputed"] and not thing["refunded"]:
            disputes.open_dispute(books, thing)

    # The test: requests, objects, keys

    def fault(
        self, act: str, method: str = "*", path: str = "/v1/", times: int = 1, status: int = 500, seconds: float = 0.0
    ) -> None:
        """The next matching API requests go wrong: see `faults.Fault`."""
        with self.books() as books:
            faults.order(books.connection, Fault(act, status, seconds), method, path, times)

    def clear_faults(self) -> None:
        with self.books() as books:
            books.connection.execute("delete from faults")

    def faults_left(self) -> int:
        """How many requests are still to go wrong: none, once the last fault has been met."""
        with self.books() as books:
            row = books.connection.execute("select coalesce(sum(remaining), 0) from faults").fetchone()
        return int(row[0])

    def expire_keys(self) -> None:
        """Every idempotency key becomes more than a day old."""
        with self.books() as books:
            books.connection.execute("delete from idempotency_keys where status is not null")

    def reset(self) -> None:
        """Forgets everything but where the webhook is: a fresh Stripe for the next test."""
        with self.books() as books:
            for table in ("objects", "idempotency_keys", "deliveries", "plans", "faults"):
                books.connection.execute(f"delete from {table}")  # noqa: S608 - names of our own tables
            books.connection.execute("delete from settings where name <> 'webhook_url'")

    def change(self, object: str, **fields: Any) -> Thing:  # noqa: A002 - the control's name for it
        """Overwrites fields of an object behind Stripe's back: another amount, another currency, an earlier expiry."""
        with self.books() as books:
            thing = books.find(object)
            if thing is None:
                raise missing_object("object", object, "object")
            unknown = fields.keys() - thing.keys()
            if unknown:
                raise Refused(f"A {thing['object']} has no {sorted(unknown)[0]}.", param=sorted(unknown)[0])
            thing.update(fields)
            books.save(thing)
            return shown(thing)

    # The test: the post

    def announce(self, event_type: str, object: Thing | str) -> Thing:  # noqa: A002 - the control's name for it
        """Sends any event about any object, known (by its id) or invented, signed like the others."""
        with self.books() as books:
            thing = books.find(object) if isinstance(object, str) else object
            if thing is None:
                raise missing_object("object", str(object), "object")
            return shown(books.announce(event_type, thing))

    def set_webhook(self, url: str | None) -> None:
        with self.books() as books:
            books.set("webhook_url", url)

    def pause_webhooks(self) -> None:
        with self.books() as books:
            books.set("paused", value=True)

    def resume_webhooks(self) -> None:
        with self.books() as books:
            books.set("paused", value=False)
            books.posted = True

    def delay_webhooks(self, seconds: float) -> None:
        """Events from now on are posted this much later."""
        with self.books() as books:
            books.set("webhook_delay", seconds)

    def copy_webhooks(self, copies: int) -> None:
        """Events from now on are delivered this many times, at once."""
        with self.books() as books:
            books.set("copies", copies)

    def drop_webhooks(self, types: list[str]) -> None:
        """Events from now on whose type matches ("charge.*") are never delivered; an empty list drops none."""
        with self.books() as books:
            books.set("dropped_types", types)

    def redeliver(self, event: str, times: int = 1) -> None:
        """Posts an event again, delivered or not."""
        with self.books() as books:
            books.get("event", event)
            for _ in range(times):
                books.post(event)

    def drop_pending(self, events: list[str] | None = None) -> int:
        """Throws away what waits in the post (all of it, or these events) and says how many deliveries that were."""
        with self.books() as books:
            waiting = books.connection.execute("select position, event_id from deliveries where state = 'pending'")
            doomed = [(row["position"],) for row in waiting if events is None or row["event_id"] in events]
            books.connection.executemany("update deliveries set state = 'dropped' where position = ?", doomed)
            return len(doomed)

    def collect_post(self, wanted: Callable[[Thing], bool]) -> list[Thing]:
        """Takes the waiting events that are wanted out of the post, for a test that carries them itself; oldest first."""
        with self.books() as books:
            rows = books.connection.execute(
                "select delivery.position, event.body from deliveries as delivery"
                " join objects as event on event.id = delivery.event_id where delivery.state = 'pending' order by delivery.position"
            ).fetchall()
            taken = [(row["position"], event) for row in rows if wanted(event := shown(json.loads(row["body"])))]
            books.connection.executemany(
                "update deliveries set state = 'delivered', attempts = attempts + 1, answer = '200' where position = ?",
                [(position,) for position, _ in taken],
            )
        return [event for _, event in taken]

    def deliveries(self) -> list[dict[str, Any]]:
        """Each delivery, oldest first, with its event's type, state, attempts and the last answer."""
        with self.books() as books:
            rows = books.connection.execute(
                "select delivery.event_id as event, json_extract(event.body, '$.type') as type, delivery.state,"
                " delivery.attempts, delivery.answer from deliveries as delivery"
                " join objects as event on event.id = delivery.event_id order by delivery.position"
            )
            return [dict(row) for row in rows]
