"""Each kind of mail written for an invented customer, with the real company: what the office looks at and sends to itself."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from rft.kit.clock import day_in_words, london_today, span_in_words, utc_now
from rft.notifications.compose import KINDS, moment_in_words, order_words, own_subject, render
from rft.notifications.facts import Company, Order, OrderFacts, Seat, Session
from rft.notifications.texts import EDITABLE, Text, fill

_PRICE = Decimal("100.00")
_ORGANISATION = "Northern Mills Ltd"


def write_sample(email_type: str, company: Company, words: Text) -> tuple[str, str, str]:
    """Subject, text and HTML."""
    facts = _facts(company)
    order, session = facts.order, facts.sessions[0]
    first_day = london_today(session.starts_at)
    said = {
        **order_words(order, company, first_day),
        "number": "RFT-C-0000-0000-0000",
        "organisation": _ORGANISATION,
        "qualification": "First Aid at Work",
        "day": day_in_words(first_day),
    }
    kind = KINDS.get(email_type)
    template = kind.template if kind else email_type
    context: dict[str, Any] = {
        "facts": facts,
        "has_calendar": bool(kind and kind.has_calendar),
        "today": london_today(utc_now()),
        "order": order,
        "company": company,
        "link": "https://example.com",
        "introduction": words.introduction_with(said),
        "title": EDITABLE[email_type].subject,
        "name": order.booker_name,
        **(_FURTHER[email_type](facts) if email_type in _FURTHER else {}),
    }
    text, html = render(template, context)
    own = fill(EDITABLE[email_type].subject, said)
    if "date" in EDITABLE[email_type].words:
        own = own_subject(own, order, first_day)
    elif "{course}" not in EDITABLE[email_type].subject and "course" in EDITABLE[email_type].words:
        own = f"{own}: {order.course_name}"
    return words.subject_with(said, own), text, html


def _facts(company: Company) -> OrderFacts:
    day = utc_now().replace(hour=9, minute=30, second=0, microsecond=0) + timedelta(days=40)
    order = Order(
        id=1,
        reference="RFO-SAMPLE",
        booker_name="Amina Khan",
        booker_email="amina@example.com",
        organisation_name=None,
        purchase_order=None,
        payment_method="card",
        total=_PRICE,
        vat=Decimal(0),
        course_name="Emergency First Aid at Work",
    )
    seat = Seat(1, 1, "RFT-SAMPLE", _PRICE, Decimal(0), "Amina", "Khan")
    session = Session(
        session_id=None,
        course_schedule_id=1,
        starts_at=day,
        ends_at=day + timedelta(hours=7),
        venue_id=1,
        venue_name="The Training Rooms",
        address_line1="12 Wharf Street",
        address_line2=None,
        city="Leeds",
        postcode="LS2 7EQ",
        parking_info="Two spaces at the door.",
        moves=0,
        moved_from=None,
    )
    return OrderFacts(order, company, [seat], [session])


def _cancelled(facts: OrderFacts) -> dict[str, Any]:
    session, seat = facts.sessions[0], facts.seats[0]
    place = SimpleNamespace(
        attendee=seat.attendee,
        reference=seat.reference,
        course_name=facts.order.course_name,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        refund=Decimal("90.00"),
    )
    refund = place.refund
    return {
        "places": [place],
        "ours": False,
        "reason": None,
        "whole_date": False,
        "refund": refund,
        "to_card": refund,
        "by_hand": refund - refund,
    }


def _moved(facts: OrderFacts) -> dict[str, Any]:
    was = london_today(facts.sessions[0].starts_at) - timedelta(days=14)
    return {"was": day_in_words(was), "refund": Decimal(0)}


def _returned(facts: OrderFacts) -> dict[str, Any]:
    part = SimpleNamespace(way="Back to the card it was paid with", amount=facts.total)
    return {
        "parts": [part],
        "total": facts.total,
        "why": "we are giving you money back.",
        "by_card": True,
        "by_hand": False,
    }


def _certificate(facts: OrderFacts) -> dict[str, Any]:
    day = london_today(facts.sessions[0].starts_at)
    certificate = {
        "holder": facts.order.booker_name,
        "course_name": facts.order.course_name,
        "completed_on": day,
        "expires_on": day + timedelta(days=3 * 365),
        "number": "RFT-C-0000-0000-0000",
        "is_correction": False,
    }
    return {"certificate": certificate, "check": "https://example.com"}


def _invited(facts: OrderFacts) -> dict[str, Any]:
    place = SimpleNamespace(first_name="Amina", booker_name=_ORGANISATION, course_name=facts.order.course_name)
    return {"place": place, "sessions": facts.sessions}


def _waiting(facts: OrderFacts) -> dict[str, Any]:
    return {
        "entry": SimpleNamespace(first_name="Amina", places=1),
        "course_name": facts.order.course_name,
        "dates": facts.sessions,
        "until": moment_in_words(utc_now() + timedelta(days=1)),
        "total": _PRICE,
    }


def _teaching(facts: OrderFacts) -> dict[str, Any]:
    session = facts.sessions[0]
    day = {
        "starts_at": session.starts_at,
        "ends_at": session.ends_at,
        "venue": session.venue_name,
        "address": session.address,
    }
    return {
        "date": {"course_name": facts.order.course_name, "days": [day], "notes": None, "taken": 8},
        "note": None,
        "answer_by": london_today(utc_now()) + timedelta(days=3),
        "change": "moved",
        "before": span_in_words(session.starts_at - timedelta(days=7), session.ends_at - timedelta(days=7)),
    }


def _qualification(facts: OrderFacts) -> dict[str, Any]:
    paper = {
        "name": "First Aid at Work",
        "awarding_body": "Qualsafe Awards",
        "expires_on": london_today(facts.sessions[0].starts_at),
    }
    return {"paper": paper, "left": 40}


_FURTHER: dict[str, Callable[[OrderFacts], dict[str, Any]]] = {
    "attendee_invitation": _invited,
    "booker_invitation": lambda _: {"organisation": _ORGANISATION},
    "waiting_joined": _waiting,
    "waiting_offer": _waiting,
    "teaching_request": _teaching,
    "teaching_changed": _teaching,
    "qualification_ends": _qualification,
    "booking_cancelled": _cancelled,
    "booking_moved": _moved,
    "payment_returned": _returned,
    "certificate_issued": _certificate,
}
