"""The hosted pay page: plain forms, one payment a session, nothing kept of a card but its last four digits."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import jinja2
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from rft.fake_stripe import cards, sessions
from rft.fake_stripe.books import Thing
from rft.fake_stripe.ledger import Ledger
from rft.fake_stripe.parameters import EMAIL
from rft.fake_stripe.sessions import Attempt

LONDON = ZoneInfo("Europe/London")
SYMBOLS = {"gbp": "£", "eur": "€", "usd": "$"}


def money(pence: int, currency: str) -> str:
    sign = SYMBOLS.get(currency, f"{currency.upper()} ")
    return f"{sign}{pence // 100:,}.{pence % 100:02}"


def clock_time(timestamp: int) -> str:
    """London time, with the day where it is not today."""
    moment = datetime.fromtimestamp(timestamp, LONDON)
    today = moment.date() == datetime.now(LONDON).date()
    return f"{moment:%H:%M}" if today else f"{moment:%H:%M} on {moment.day} {moment:%B}"


TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters.update(money=money, clock_time=clock_time)


@dataclass(frozen=True)
class Pages:
    ledger: Ledger

    def routes(self) -> list[Route]:
        return [
            Route("/pay/{session}", self.show, methods=["GET"]),
            Route("/pay/{session}", self.pay, methods=["POST"]),
            Route("/pay/{session}/authenticate", self.ask, methods=["GET"]),
            Route("/pay/{session}/authenticate", self.authenticate, methods=["POST"]),
        ]

    def find(self, request: Request) -> Thing | None:
        with self.ledger.books() as books:
            sessions.expire_due(books)
            thing = books.find(request.path_params["session"])
            return thing if thing is not None and thing["object"] == "checkout.session" else None

    async def show(self, request: Request) -> Response:
        session = self.find(request)
        if session is None or session["status"] != "open":
            return closed(session)
        return pay_page(session)

    async def pay(self, request: Request) -> Response:
        session = self.find(request)
        if session is None:
            return closed(session)
        async with request.form(max_files=0, max_fields=20) as form:
            digits, email = re.sub(r"[\s-]", "", text(form, "card")), text(form, "email")
        errors = {}
        if not cards.is_card_number(digits):
            errors["card"] = "This is not a card number. Choose one of the test cards below."
        if session["customer_email"] is None and not EMAIL.fullmatch(email):
            errors["email"] = "Enter an e-mail address, such as name@example.com."
        if errors and session["status"] == "open":
            return pay_page(session, errors, email=email, status=422)
        return after(self.ledger.pay(session["id"], digits, email or None))

    async def ask(self, request: Request) -> Response:
        session = self.find(request)
        if session is None or session["status"] != "open":
            return closed(session)
        return page("authenticate.html", session)

    async def authenticate(self, request: Request) -> Response:
        session = self.find(request)
        if session is None:
            return closed(session)
        async with request.form(max_files=0, max_fields=20) as form:
            confirmed = text(form, "answer") == "confirm"
        return after(self.ledger.authenticate(session["id"], confirmed=confirmed))


def text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def after(attempt: Attempt) -> Response:
    """Where the customer goes next: back to the shop, on to the bank, or to the form again with the reason."""
    session = attempt.session
    if attempt.result == "authenticate":
        return RedirectResponse(f"/pay/{session['id']}/authenticate", 303)
    if attempt.result == "declined":
        return pay_page(session, {"card": attempt.message}, status=402)
    if session["status"] == "expired":
        return closed(session)
    return RedirectResponse(success_url(session), 303)


def success_url(session: Thing) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def pay_page(session: Thing, errors: dict[str, str] | None = None, *, email: str = "", status: int = 200) -> Response:
    return page(
        "pay.html",
        session,
        status,
        errors=errors or {},
        email=session["customer_email"] or email,
        cards=cards.CARDS,
        card=cards.DEFAULT_CARD,
    )


def closed(session: Thing | None) -> Response:
    """Says honestly why there is nothing to pay here, with the way back to the shop."""
    if session is None:
        return page("closed.html", {}, 404, way_back=None)
    paid = session["status"] == "complete"
    return page(
        "closed.html", session, 200 if paid else 410, way_back=success_url(session) if paid else session["cancel_url"]
    )


def page(template: str, session: Thing, status: int = 200, **values: Any) -> Response:
    body = TEMPLATES.get_template(template).render(session=session, **values)
    return HTMLResponse(body, status, headers(session))


def headers(session: Thing) -> dict[str, str]:
    # A browser holds the redirect after a form to form-action too, so the shop's own address must be in it.
    shop = urlsplit(session["success_url"]) if session else None
    targets = f"'self' {shop.scheme}://{shop.netloc}" if shop else "'self'"
    policy = f"default-src 'none'; style-src 'self'; img-src 'self'; form-action {targets}"
    return {
        "Content-Security-Policy": f"{policy}; base-uri 'none'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
