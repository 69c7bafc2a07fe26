"""The practice Stripe's post: signed, retried, and as disorderly as a test wants it; and its life as a process."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rft.fake_stripe.app import create_app
from rft.fake_stripe.ledger import Ledger
from rft.fake_stripe.serve import serving

SECRET, SIGNING = "sk_test_post", "whsec_post"
ORDER = {
    "mode": "payment",
    "line_items[0][price_data][currency]": "gbp",
    "line_items[0][price_data][unit_amount]": "7500",
    "line_items[0][price_data][product_data][name]": "First aid",
    "success_url": "http://127.0.0.1:1/done",
}
PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]


class Inbox:
    """The shop's webhook: keeps what it can verify, and answers what it is told to."""

    url: str

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.answers: list[int] = []

    async def receive(self, request: Request) -> Response:
        event = stripe.Webhook.construct_event(await request.body(), request.headers["stripe-signature"], SIGNING)
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.events.append(event)
        return Response(status_code=status)

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]


class Post:
    """A practice Stripe with controls, and the inbox it delivers to."""

    def __init__(self, http: httpx.Client, ledger: Ledger, inbox: Inbox) -> None:
        self.http = http
        self.ledger = ledger
        self.inbox = inbox

    def control(self, act: str, /, **arguments: Any) -> Any:
        answer = self.http.post(f"/_control/{act}", json=arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def sell(self, card: str = "4242424242424242") -> dict[str, Any]:
        """A session that somebody tried to pay with this card."""
        session = self.http.post("/v1/checkout/sessions", data=ORDER).json()
        self.control("pay", session=session["id"], card=card)
        return dict(self.http.get(f"/v1/checkout/sessions/{session['id']}").json())

    def charge(self, session: dict[str, Any]) -> dict[str, Any]:
        intent = self.http.get(f"/v1/payment_intents/{session['payment_intent']}").json()
        return dict(self.http.get(f"/v1/charges/{intent['latest_charge']}").json())

    def quiet(self) -> list[str]:
        """What has arrived by the time the post is empty."""
        assert self.control("wait_until_quiet")
        return self.inbox.types


@contextmanager
def practice_stripe(webhook_url: str, inbox: Inbox, database: Path | None = None) -> Iterator[Post]:
    app = create_app(
        database=database,
        secret_key=SECRET,
        webhook_secret=SIGNING,
        webhook_url=webhook_url,
        controls=True,
        backoff=(0.02, 0.02, 0.02, 30),
    )
    headers = {"Authorization": f"Bearer {SECRET}"}
    with serving(app) as address, httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as http:
        yield Post(http, app.state.ledger, inbox)


@pytest.fixture(scope="module")
def open_inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    with serving(Starlette(routes=[Route("/hook", inbox.receive, methods=["POST"])])) as address:
        inbox.url = f"{address}/hook"
        yield inbox


@pytest.fixture
def inbox(open_inbox: Inbox) -> Inbox:
    open_inbox.events, open_inbox.answers = [], []
    return open_inbox


@pytest.fixture
def post(inbox: Inbox) -> Iterator[Post]:
    with practice_stripe(inbox.url, inbox) as post:
        yield post


def test_a_payment_is_announced_and_the_sdk_verifies_it(post: Post) -> None:
    session = post.sell()
    assert sorted(post.quiet()) == sorted(PAID)
    [completed] = [event for event in post.inbox.events if event.type == "checkout.session.completed"]
    assert (completed.data.object.id, completed.data.object.payment_status) == (session["id"], "paid")
    assert completed.livemode is False
    assert [event["type"] for event in post.ledger.objects("event")] == PAID


def test_a_webhook_that_is_down_gets_its_events_later(post: Post) -> None:
    post.inbox.answers = [500] * 6
    post.sell()
    assert sorted(post.quiet()) == sorted(PAID)
    assert sum(delivery["attempts"] for delivery in post.control("deliveries")) == 10


def test_events_wait_while_paused_and_come_in_the_order_asked(post: Post) -> None:
    post.control("pause_webhooks")
    post.sell()
    events = [event["id"] for event in post.ledger.objects("event")]
    assert post.control("deliver", events=events[::-1]) == ["200"] * 4
    assert post.inbox.types == PAID[::-1]
    post.control("resume_webhooks")
    assert post.quiet() == PAID[::-1]


def test_events_are_doubled_repeated_and_sent_at_once(post: Post) -> None:
    post.control("copy_webhooks", copies=3)
    post.sell()
    assert sorted(post.quiet()) == sorted(PAID * 3)
    first = post.inbox.events[0].id
    post.control("redeliver", event=first, times=5)
    post.quiet()
    post.control("deliver", events=[first] * 4, at_once=True)
    assert [event.id for event in post.inbox.events].count(first) == 3 + 5 + 4


def test_dropped_events_never_come_but_can_be_listed(post: Post) -> None:
    post.control("drop_webhooks", types=["checkout.*"])
    post.sell()
    assert "checkout.session.completed" not in post.quiet()
    listed = post.http.get("/v1/events", params={"type": "checkout.session.completed"}).json()["data"]
    assert len(listed) == 1
    post.control("pause_webhooks")
    post.sell()
    assert post.control("drop_pending") == 3


@pytest.mark.parametrize(
    ("card", "last_event", "payment_status", "charged"),
    [
        ("4000000000000077", "checkout.session.async_payment_succeeded", "paid", 7500),
        ("4000000000000093", "checkout.session.async_payment_failed", "unpaid", 0),
    ],
)
def test_a_delayed_payment_ends_later(
    post: Post, card: str, last_event: str, payment_status: str, charged: int
) -> None:
    session = post.sell(card)
    assert (session["status"], session["payment_status"]) == ("complete", "unpaid")
    post.control("tick", hurry=True)
    assert last_event in post.quiet()
    assert post.http.get(f"/v1/checkout/sessions/{session['id']}").json()["payment_status"] == payment_status
    assert post.control("dump")["sums"]["charged"] == charged


@pytest.mark.parametrize(
    ("by", "ends"), [("card", "failed"), ("order", "failed"), ("hand", "failed"), ("slow", "succeeded")]
)
def test_a_refund_may_fail_or_arrive_afterwards(post: Post, by: str, ends: str) -> None:
    cards = {"card": "4000000000005126", "slow": "4000000000007726"}
    session = post.sell(cards.get(by, "4242424242424242"))
    if by == "order":
        post.control("next_refund", course="fails_later")
    refund = post.http.post("/v1/refunds", data={"payment_intent": session["payment_intent"]}).json()
    assert refund["status"] == ("pending" if by == "slow" else "succeeded")
    post.control("fail_refund", refund=refund["id"]) if by == "hand" else post.control("tick", hurry=True)
    assert post.http.get(f"/v1/refunds/{refund['id']}").json()["status"] == ends
    assert ("refund.failed" in post.quiet()) == (ends == "failed")
    assert post.charge(session)["amount_refunded"] == (0 if ends == "failed" else 7500)


def test_a_dispute_takes_the_money_and_winning_brings_it_back(post: Post) -> None:
    charge = post.charge(post.sell())["id"]
    dispute = post.control("open_dispute", charge=charge)
    assert post.control("dump")["sums"]["held"] == 0
    assert post.http.post("/v1/refunds", data={"charge": charge}).json()["error"]["code"] == "charge_disputed"
    post.control("close_dispute", dispute=dispute["id"], won=True)
    assert {"charge.dispute.created", "charge.dispute.closed"} <= set(post.quiet())
    assert post.control("dump")["sums"] == {
        "charged": 7500,
        "refunded": 0,
        "disputed": 0,
        "held": 7500,
        "fees": 133 + 2000,
        "balance": 7500 - 133 - 2000,
    }


def test_the_books_balance_after_a_partial_refund(post: Post) -> None:
    session = post.sell()
    post.http.post("/v1/refunds", data={"payment_intent": session["payment_intent"], "amount": "2500"})
    sums = post.control("dump")["sums"]
    entries = post.http.get("/v1/balance_transactions").json()["data"]
    assert sums["held"] == 5000
    assert sums["balance"] == sum(entry["net"] for entry in entries) == 5000 - 133


def test_the_webhook_can_come_before_the_reply(post: Post) -> None:
    session = post.sell()
    post.quiet()
    post.control("fault", act="delay_after", method="POST", path="/v1/refunds", seconds=0.8)
    began = len(post.inbox.events)
    post.http.post("/v1/refunds", data={"payment_intent": session["payment_intent"]})
    assert post.inbox.types[began:] != []


def test_any_event_can_be_forged_with_a_true_signature(post: Post) -> None:
    session = post.sell()
    post.quiet()
    post.control("change", object=session["id"], amount_total=750, currency="usd")
    post.control("announce", event_type="checkout.session.completed", object=session["id"])
    post.control(
        "announce", event_type="payment_intent.succeeded", object={"id": "pi_nobody", "object": "payment_intent"}
    )
    post.quiet()
    tampered = next(event for event in post.inbox.events if event.data.object.to_dict().get("amount_total") == 750)
    assert tampered.data.object.currency == "usd"
    assert "pi_nobody" in {event.data.object.id for event in post.inbox.events}


def test_an_expired_session_is_announced_by_the_clock_alone(post: Post) -> None:
    session = post.http.post("/v1/checkout/sessions", data=ORDER).json()
    post.ledger.change(session["id"], expires_at=1)
    deadline = time.monotonic() + 10
    while "checkout.session.expired" not in post.inbox.types and time.monotonic() < deadline:
        time.sleep(0.01)
    assert post.inbox.types == ["checkout.session.expired"]
    assert post.http.get(f"/v1/checkout/sessions/{session['id']}").json()["status"] == "expired"


def test_the_controls_need_the_key_and_say_what_is_wrong(post: Post) -> None:
    assert post.http.post("/_control/dump", headers={"Authorization": "Bearer x"}).status_code == 401
    assert post.http.post("/_control/nonsense").status_code == 404
    assert post.http.post("/_control/pay", json={"colour": "red"}).status_code == 400
    assert post.http.post("/_control/pay", content=b"[1").status_code == 400
    assert post.http.post("/_control/pay", json={"session": "cs_test_nobody"}).status_code == 404


def test_a_reset_forgets_everything_but_the_webhook(post: Post) -> None:
    post.sell()
    post.quiet()
    post.control("reset")
    assert post.control("dump")["sums"]["charged"] == 0
    assert post.http.get("/v1/events").json()["data"] == []
    post.sell()
    assert sorted(post.quiet()) == sorted(PAID * 2)


def test_there_are_no_controls_unless_asked_for() -> None:
    app = create_app(database=None, secret_key=SECRET, webhook_secret=SIGNING, webhook_url=None)
    with serving(app) as address:
        assert httpx.post(f"{address}/_control/dump", trust_env=False).status_code == 404


def test_a_restart_keeps_the_money_the_keys_and_the_post(inbox: Inbox, tmp_path: Path) -> None:
    file = tmp_path / "stripe.sqlite"
    key = {"Idempotency-Key": "over the night"}
    with practice_stripe(inbox.url, inbox, file) as evening:
        evening.control("pause_webhooks")
        session = evening.sell()
        refund = {"payment_intent": session["payment_intent"], "amount": "100"}
        first = evening.http.post("/v1/refunds", data=refund, headers=key).json()
    with practice_stripe(inbox.url, inbox, file) as morning:
        morning.control("resume_webhooks")
        again = morning.http.post("/v1/refunds", data=refund, headers=key).json()
        assert sorted(morning.quiet()) == sorted([*PAID, "refund.created", "charge.refunded"])
        assert again["id"] == first["id"]
        assert morning.control("dump")["sums"]["held"] == 7400


def test_two_processes_share_one_ledger(inbox: Inbox, tmp_path: Path) -> None:
    file = tmp_path / "stripe.sqlite"
    with practice_stripe(inbox.url, inbox, file) as left, practice_stripe(inbox.url, inbox, file) as right:
        for till in (left, right) * 2:
            till.sell()
        assert right.control("dump")["sums"]["charged"] == 30_000
        assert sorted(left.quiet()) == sorted(PAID * 4)


def test_the_process_says_where_it_listens_and_ends_with_its_parent(tmp_path: Path) -> None:
    starter = (
        "import os, subprocess, sys\n"
        "command = [sys.executable, '-m', 'rft.fake_stripe', '--database', sys.argv[1], '--parent', str(os.getpid())]\n"
        "child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)\n"
        "print(child.stdout.readline())\n"
    )
    environment = {**os.environ, "STRIPE_SECRET_KEY": SECRET, "STRIPE_WEBHOOK_SECRET": SIGNING}
    command = [sys.executable, "-c", starter, str(tmp_path / "stripe.sqlite")]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=20).stdout
    port = int(said.strip().rsplit(":", 1)[-1])
    deadline = time.monotonic() + 10
    while is_open(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_open(port)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_process_does_not_start_without_secrets() -> None:
    environment = {**os.environ, "STRIPE_SECRET_KEY": "", "STRIPE_WEBHOOK_SECRET": SIGNING}
    command = [sys.executable, "-m", "rft.fake_stripe"]
    started = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=20)
    assert started.returncode == 1
    assert "needs a secret key" in started.stderr
