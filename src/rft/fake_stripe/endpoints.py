"""The endpoints under /v1: which there are, and what each answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from rft.fake_stripe import payouts, refunds, sessions, views
from rft.fake_stripe.books import SHAPES, Books, Thing
from rft.fake_stripe.parameters import Parameters
from rft.fake_stripe.refusals import Refused
from rft.fake_stripe.views import Collection


@dataclass(frozen=True)
class Call:
    """One request after its form is decoded; `object_id` is the id in the path, if there is one."""

    books: Books
    given: Parameters
    expand: list[str]
    object_id: str
    base_url: str


Endpoint = Callable[[Call], Thing]

COLLECTIONS = [
    Collection(
        "checkout.session",
        "/v1/checkout/sessions",
        {
            "payment_intent": "$.payment_intent",
            "status": "$.status",
            "client_reference_id": "$.client_reference_id",
        },
    ),
    Collection("payment_intent", "/v1/payment_intents"),
    Collection("charge", "/v1/charges", {"payment_intent": "$.payment_intent"}),
    Collection("refund", "/v1/refunds", {"charge": "$.charge", "payment_intent": "$.payment_intent"}),
    Collection("dispute", "/v1/disputes", {"charge": "$.charge", "payment_intent": "$.payment_intent"}),
    Collection("event", "/v1/events", {"type": "$.type"}),
    Collection(
        "balance_transaction",
        "/v1/balance_transactions",
        {"source": "$.source", "type": "$.type", "currency": "$.currency", "payout": "$._payout"},
    ),
    Collection("payout", "/v1/payouts", {"status": "$.status"}),
]


def lists(collection: Collection) -> Endpoint:
    def answer(call: Call) -> Thing:
        sessions.expire_due(call.books)
        if collection.kind in {"balance_transaction", "payout"}:
            payouts.pay_out_due(call.books)
        return views.page(call.books, collection, call.given)

    return answer


def retrieves(kind: str) -> Endpoint:
    def answer(call: Call) -> Thing:
        call.given.texts("expand")
        call.given.require_nothing_else()
        sessions.expire_due(call.books)
        return views.present(call.books, call.books.get(kind, call.object_id), call.expand)

    return answer


def create_session(call: Call) -> Thing:
    return views.present(call.books, sessions.create(call.books, call.given, call.base_url), call.expand)


def expire_session(call: Call) -> Thing:
    call.given.texts("expand")
    call.given.require_nothing_else()
    sessions.expire_due(call.books)
    session = call.books.get("checkout.session", call.object_id)
    return views.present(call.books, sessions.expire(call.books, session), call.expand)


def session_line_items(call: Call) -> Thing:
    call.given.whole("limit", least=1, most=views.MOST_LISTED)
    call.given.require_nothing_else()
    return views.line_items(call.books.get("checkout.session", call.object_id))


def create_refund(call: Call) -> Thing:
    return views.present(call.books, refunds.create(call.books, call.given), call.expand)


def account(call: Call) -> Thing:
    call.given.require_nothing_else()
    return SHAPES["account"]


def routes() -> list[tuple[str, re.Pattern[str], Endpoint]]:
    table: list[tuple[str, str, Endpoint]] = [
        ("POST", "/v1/checkout/sessions", create_session),
        ("POST", "/v1/checkout/sessions/{id}/expire", expire_session),
        ("GET", "/v1/checkout/sessions/{id}/line_items", session_line_items),
        ("POST", "/v1/refunds", create_refund),
        ("GET", "/v1/account", account),
    ]
    for collection in COLLECTIONS:
        table.append(("GET", collection.url, lists(collection)))
        table.append(("GET", f"{collection.url}/{{id}}", retrieves(collection.kind)))
    return [(method, re.compile(path.replace("{id}", "(?P<id>[^/]+)")), endpoint) for method, path, endpoint in table]


ROUTES = routes()


def find_endpoint(method: str, path: str) -> tuple[Endpoint, str]:
    """The endpoint and the id in the path."""
    for known, pattern, endpoint in ROUTES:
        match = pattern.fullmatch(path)
        if known == method and match:
            return endpoint, match.groupdict().get("id", "")
    message = f"Unrecognized request URL ({method}: {path}). The practice Stripe knows only what this product uses."
    raise Refused(message, status=404)
