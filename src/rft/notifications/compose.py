"""Writes mails: text and HTML from the templates, and the message that goes to the mail server."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

import css_inline
from email_validator import EmailNotValidError, validate_email
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from rft.kit.clock import day_in_words, span_in_words, to_london
from rft.kit.money import in_words
from rft.notifications.calendar import write_calendar
from rft.notifications.facts import Company, Order, OrderFacts
from rft.notifications.texts import OWN, Text


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of mail about an order. It speaks of the seats whose booking has one of `statuses`; void without any."""

    email_type: str
    template: str
    subject: str
    statuses: tuple[str, ...]
    # Whether the course goes into a calendar with it, and whether it is for whoever pays the organisation's invoices.
    has_calendar: bool = True
    is_for_accounts: bool = False

    def dedupe_key(self, order_id: int, turn: str = "") -> str:
        return f"{self.template.replace('_', '-')}{'-' if turn else ''}{turn}:{order_id}"


CONFIRMATION = Kind(
    email_type="booking_confirmation",
    template="order_confirmation",
    subject="Your booking is confirmed",
    statuses=("confirmed", "completed", "no_show"),
)
RESERVED = Kind(
    email_type="order_reserved",
    template="order_reserved",
    subject="Your seats are reserved",
    statuses=("pending",),
)
CHANGED = Kind(
    email_type="schedule_changed",
    template="schedule_changed",
    subject="Your course has changed",
    statuses=("pending", "confirmed"),
)
REQUESTED = Kind(
    email_type="order_requested",
    template="order_requested",
    subject="We have your request",
    statuses=("pending",),
    has_calendar=False,
)
DECLINED = Kind(
    email_type="order_declined",
    template="order_declined",
    subject="Your request was declined",
    statuses=("cancelled",),
    has_calendar=False,
)
PAYMENT_DUE = Kind(
    email_type="payment_due",
    template="payment_due",
    subject="Payment for your booking",
    statuses=("pending",),
    has_calendar=False,
    is_for_accounts=True,
)
REMINDER = Kind(
    email_type="course_reminder",
    template="course_reminder",
    subject="Your course is coming up",
    statuses=("confirmed",),
)
PAYMENT_LINK = Kind(
    email_type="payment_link",
    template="payment_link",
    subject="Your places are held: please pay",
    statuses=("pending",),
    has_calendar=False,
)
KINDS = {
    kind.email_type: kind
    for kind in (CONFIRMATION, RESERVED, CHANGED, REQUESTED, DECLINED, PAYMENT_DUE, PAYMENT_LINK, REMINDER)
}


@dataclass(frozen=True, slots=True)
class Mail:
    dedupe_key: str
    email_type: str
    recipient: str
    subject: str
    text_body: str
    html_body: str
    calendar: str | None
    booking_ids: list[int]


def write_order_mail(
    kind: Kind, facts: OrderFacts, *, base_url: str, now: datetime, turn: str = "", words: Text = OWN
) -> Mail:
    """The mail to the booker. The link in it holds no secret: the page asks for proof where the browser has none.

    `turn` tells apart mails of one kind that are sent more than once.
    """
    first_day = to_london(facts.sessions[0].starts_at).date()
    said = order_words(facts.order, facts.company, first_day)
    context = {
        "facts": facts,
        "order": facts.order,
        "company": facts.company,
        "introduction": words.introduction_with(said),
        "link": f"{base_url}/orders/{facts.order.reference}",
        "has_calendar": kind.has_calendar,
        "today": to_london(now).date(),
    }
    text, html = render(kind.template, context)
    return Mail(
        dedupe_key=kind.dedupe_key(facts.order.id, turn),
        email_type=kind.email_type,
        recipient=(facts.order.billing_email if kind.is_for_accounts else None) or facts.order.booker_email,
        subject=one_line(words.subject_with(said, own_subject(kind.subject, facts.order, first_day)))[:255],
        text_body=text,
        html_body=html,
        calendar=write_calendar(facts, now) if kind.has_calendar else None,
        booking_ids=[seat.booking_id for seat in facts.seats],
    )


def order_words(order: Order, company: Company, first_day: date) -> dict[str, str]:
    """What the words in braces stand for in a mail about an order."""
    return {
        "name": order.booker_name,
        "course": order.course_name,
        "date": day_in_words(first_day),
        "reference": order.reference or "",
        "company": company.name,
    }


def own_subject(title: str, order: Order, first_day: date) -> str:
    return f"{title}: {order.course_name}, {day_in_words(first_day)}"


def render(template: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """A mail's text and HTML, whose styles stand in its elements."""
    whole = {"introduction": "", **context}
    html = _TEMPLATES.get_template(f"{template}.html").render(whole)
    return _TEMPLATES.get_template(f"{template}.txt").render(whole), _INLINER.inline(html)


def as_message(mail_id: int, mail: Mail, company: Company, written_at: datetime) -> EmailMessage:
    """The mail as it goes over the wire. Message-ID and Date belong to the row: a second delivery is seen to be one.

    Raises ValueError where the recipient is no address.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = message["Reply-To"] = Address(one_line(company.name), addr_spec=company.email)
    message["To"] = _address_of(mail.recipient)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(written_at.replace(tzinfo=UTC))
    message["Message-ID"] = f"<rft-{written_at:%Y%m%d%H%M%S}-{mail_id}@{company.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text_body)
    message.add_alternative(mail.html_body, subtype="html")
    if mail.calendar is not None:
        message.add_attachment(mail.calendar, subtype="calendar", filename="course.ics", params={"method": "PUBLISH"})
    return message


def _address_of(recipient: str) -> Address:
    try:
        found = validate_email(recipient, check_deliverability=False, test_environment=True)
    except EmailNotValidError as cause:
        raise ValueError("The recipient is no e-mail address.") from cause
    # The domain travels in its ASCII form. Letters outside ASCII before the @ need a server that knows them.
    return Address(username=found.local_part, domain=found.ascii_domain)


def moment_in_words(utc: datetime) -> str:
    """`Tuesday 1 December 2026, 09:30`, from a stored time."""
    local = to_london(utc)
    return f"{day_in_words(local.date())}, {local:%H:%M}"


def one_line(text: str) -> str:
    """Without line breaks and control characters: what a person typed can add no header, and no line, to a mail."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


_TEMPLATES = Environment(
    loader=PackageLoader("rft", "templates/mails"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(money=in_words, one_line=one_line, day=day_in_words, moment=moment_in_words)
_TEMPLATES.globals.update(span=span_in_words)
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)
