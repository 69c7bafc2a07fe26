"""The practice pay page as a browser without scripts meets it."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rft.fake_stripe.app import create_app
from rft.fake_stripe.ledger import Ledger
from rft.fake_stripe.serve import serving

DONE, BACK = "http://127.0.0.1:1/done", "http://127.0.0.1:1/back"
HEADERS = {"Authorization": "Bearer sk_test_page"}


class Till:
    """Opens pay pages, and presses their buttons for Amina."""

    def __init__(self, http: httpx.Client, ledger: Ledger) -> None:
        self.http = http
        self.ledger = ledger

    def open(self, name: str = "First aid", **changes: str) -> str:
        """The path of the pay page for a new order of £75.00."""
        form = {
            "mode": "payment",
            "line_items[0][price_data][currency]": "gbp",
            "line_items[0][price_data][unit_amount]": "7500",
            "line_items[0][price_data][product_data][name]": name,
            "success_url": DONE + "?session={CHECKOUT_SESSION_ID}",
            "cancel_url": BACK,
            "customer_email": "amina@example.com",
            **changes,
        }
        answer = self.http.post("/v1/checkout/sessions", data={name: value for name, value in form.items() if value})
        return str(httpx.URL(answer.json()["url"]).path)

    def pay(self, page: str, card: str = "4242 4242 4242 4242", email: str = "") -> httpx.Response:
        return self.http.post(page, data={"card": card, "email": email})

    def charges(self, page: str) -> list[dict[str, Any]]:
        session = page.rsplit("/", 1)[-1]
        intent = self.http.get(f"/v1/checkout/sessions/{session}").json()["payment_intent"]
        return [charge for charge in self.ledger.objects("charge") if charge["payment_intent"] == intent]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stripe") / "practice.sqlite"


@pytest.fixture(scope="module")
def till(database: Path) -> Iterator[Till]:
    app = create_app(database=database, secret_key="sk_test_page", webhook_secret="whsec_page", webhook_url=None)
    with serving(app) as address, httpx.Client(base_url=address, headers=HEADERS, trust_env=False) as http:
        yield Till(http, app.state.ledger)


def test_one_press_pays_with_what_is_filled_in(till: Till) -> None:
    page = till.open()
    shown = till.http.get(page).text
    filled = dict(re.findall(r'<input id="\w+" name="(\w+)"[^>]* value="([^"]*)"', shown))
    assert "no money moves" in shown
    answer = till.http.post(page, data=filled)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{DONE}?session={page[5:]}")
    assert [charge["billing_details"]["email"] for charge in till.charges(page)] == ["amina@example.com"]


def test_the_page_shows_the_order_and_the_way_back(till: Till) -> None:
    shown = till.http.get(till.open("<script>Ben's course</script>")).text
    assert "&lt;script&gt;Ben&#39;s course" in shown
    assert shown.count("£75.00") == 4
    assert f'href="{BACK}"' in shown


def test_nothing_inline_runs_and_the_form_may_lead_to_the_shop_only(till: Till) -> None:
    answer = till.http.get(till.open())
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'; style-src 'self'" in policy
    assert "form-action 'self' http://127.0.0.1:1;" in policy
    assert not re.search(r"<script|<style|style=| on\w+=", answer.text)
    assert till.http.get("/static/pay.css").status_code == 200


@pytest.mark.parametrize(
    ("card", "status", "message"),
    [
        ("4000 0000 0000 0002", 402, "Your card was declined."),
        ("4000 0000 0000 9995", 402, "Your card has insufficient funds."),
        ("5555 5555 5555 4444", 402, "only the test cards"),
        ("4242 4242 4242 4241", 422, "not a card number"),
        ("", 422, "not a card number"),
        ("not\0a card", 422, "not a card number"),
    ],
)
def test_a_card_that_does_not_pay_says_why_and_another_does(till: Till, card: str, status: int, message: str) -> None:
    page = till.open()
    answer = till.pay(page, card)
    assert answer.status_code == status
    assert message in answer.text
    assert till.pay(page).status_code == 303
    assert [charge["status"] for charge in till.charges(page)].count("succeeded") == 1


def test_an_address_is_asked_for_when_the_shop_gave_none(till: Till) -> None:
    page = till.open(customer_email="")
    assert "Enter an e-mail address" in till.pay(page, email="amina").text
    assert till.pay(page, email="amina@example.com").status_code == 303


async def test_pressing_ten_times_at_once_pays_once(till: Till) -> None:
    page = till.open()
    async with httpx.AsyncClient(base_url=till.http.base_url, trust_env=False) as browser:
        presses = [browser.post(page, data={"card": "4242424242424242"}) for _ in range(10)]
        answers = await asyncio.gather(*presses)
    assert {answer.headers["location"] for answer in answers} == {f"{DONE}?session={page[5:]}"}
    assert len(till.charges(page)) == 1


@pytest.mark.parametrize(("answer", "status", "charges"), [("confirm", 303, 1), ("fail", 402, 0)])
def test_the_bank_asks_to_confirm(till: Till, answer: str, status: int, charges: int) -> None:
    page = till.open()
    asked = till.pay(page, "4000 0025 0000 3155")
    assert asked.headers["location"] == f"{page}/authenticate"
    assert "Confirm this payment" in till.http.get(asked.headers["location"]).text
    assert till.http.post(f"{page}/authenticate", data={"answer": answer}).status_code == status
    assert len(till.charges(page)) == charges


def test_a_page_that_expired_while_open_takes_no_money(till: Till) -> None:
    page = till.open()
    till.ledger.change(page[5:], expires_at=1)
    answer = till.pay(page)
    assert answer.status_code == 410
    assert "expired" in answer.text
    assert f'href="{BACK}"' in answer.text
    assert till.charges(page) == []


def test_a_paid_page_says_so_and_leads_on(till: Till) -> None:
    page = till.open()
    till.pay(page)
    assert "already paid" in till.http.get(page).text
    assert f'href="{DONE}?session={page[5:]}"' in till.http.get(page).text


def test_an_unknown_page_is_not_found(till: Till) -> None:
    assert till.http.get("/pay/cs_test_nobody").status_code == 404
    assert till.pay("/pay/cs_test_nobody").status_code == 404


def test_no_card_number_is_kept(till: Till, database: Path) -> None:
    till.pay(till.open(), "4242 4242 4242 4242")
    till.pay(till.open(), "5555 5555 5555 4444")
    kept = b"".join(file.read_bytes() for file in database.parent.iterdir())
    assert b'"last4": "4242"' in kept
    assert not re.search(rb"4242 ?4242|5555 ?5555", kept)
