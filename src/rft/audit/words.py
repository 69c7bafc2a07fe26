"""The activity log's lines in words: actions, what they are about, and values before and after."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from rft.audit.queries import Activity
from rft.kit.clock import day_in_words, from_iso, london_today, to_london
from rft.kit.money import in_words as money_in_words

_ACTIONS = {
    "account.factor_added": "Second factor added",
    "account.factor_removed": "Second factor removed",
    "account.new_password": "New password set by mail",
    "account.password": "Password changed",
    "account.recovery_codes": "Recovery codes renewed",
    "api_token.create": "API token made",
    "api_token.revoke": "API token ended",
    "backup.begin": "Backup begun",
    "company.change": "Company settings changed",
    "job.give_up": "Job given up",
    "job.retry": "Job tried again",
    "mail_text.save": "E-mail text saved",
    "policy.add": "Cancellation policy added",
    "policy.withdraw": "Cancellation policy taken back",
    "booking.cancel": "Booking cancelled",
    "attendee.end_link": "Attendee's link ended",
    "attendee.send_link": "Attendee's link sent",
    "bank.import": "Bank statement imported",
    "bank.set_aside": "Bank line set aside",
    "bank.take_back": "Bank line taken back",
    "booking.completed": "Booking completed",
    "booking.confirm": "Booking confirmed",
    "booking.move": "Booking moved",
    "booking.no_show": "Booking not attended",
    "booking.remind": "Reminder of a course sent",
    "certificate.batch": "Certificates of a date issued",
    "calendar.feed_ended": "Calendar address ended",
    "calendar.feed_made": "Calendar address made",
    "booking.substitute": "Attendee replaced",
    "certificate.issue": "Certificate issued",
    "certificate.reissue": "Certificate corrected",
    "certificate.revoke": "Certificate revoked",
    "course.create": "Course added",
    "course.change": "Course changed",
    "discount_code.create": "Discount code added",
    "discount_code.change": "Discount code changed",
    "difference.explain": "Difference explained",
    "evidence.pack": "Evidence put together",
    "feedback.take_out_comment": "Comment taken out",
    "order.approve": "Purchase order accepted",
    "order.decline": "Purchase order declined",
    "order.chase": "Payment chased",
    "order.pause_chasing": "Chasing paused",
    "order.resume_chasing": "Chasing resumed",
    "order.payment": "Payment recorded",
    "order.take": "Booked on the telephone",
    "order.release": "Places given back",
    "instructor.add_absence": "Absence recorded",
    "instructor.add_qualification": "Qualification recorded",
    "instructor.change": "Instructor changed",
    "instructor.end_absence": "Absence taken off",
    "instructor.keep_hours": "Usual hours changed",
    "instructor.withdraw_qualification": "Qualification withdrawn",
    "mail.resend": "E-mail sent again",
    "reconciliation.begin": "Comparison with Stripe begun",
    "discount_code.generate": "Discount codes generated",
    "offer.create": "Offer made",
    "offer.end": "Offer ended",
    "organisation_price.agree": "Price agreed",
    "organisation_price.end": "Agreed price ended",
    "organisation.create": "Organisation added",
    "organisation.change": "Organisation changed",
    "organisation.add_member": "Booker added",
    "organisation.remove_member": "Booker removed",
    "organisation.add_site": "Site added",
    "register.close": "Register closed",
    "register.make_up": "Missed day made up",
    "register.reopen": "Register opened again",
    "register.walk_in": "Walk-in added",
    "order.return_payment": "Payment given back whole",
    "refund.owe": "Refund asked for",
    "refund.return": "Refund given back by hand",
    "refund.retry": "Refund tried again",
    "refund.withdraw": "Refund withdrawn",
    "results.sent": "Results sent to the awarding body",
    "rules.check": "Rules checked",
    "plan.carry_out": "Stand-ins put in place",
    "schedule.accept": "Date accepted by an instructor",
    "schedule.ask": "Instructor asked to teach",
    "schedule.decline": "Date declined by an instructor",
    "schedule.cancel": "Date cancelled",
    "schedule.change": "Date changed",
    "schedule.create": "Date added",
    "schedule.decide": "Place of a cancelled date decided",
    "schedule.publish": "Date published",
    "series.create": "Series of dates added",
    "venue.create": "Venue added",
    "venue.change": "Venue changed",
    "work.put_off": "Work put off",
    "work.take_up": "Work taken up again",
    "venue.close": "Venue closed for days",
    "venue.open": "Venue's closure taken back",
    "user.create": "Person added",
    "user.change": "Person changed",
    "user.sign_out": "Person signed out everywhere",
    "user.merge": "Accounts merged",
    "user.export": "Person's data handed over",
    "user.erase": "Person's data erased",
    "user.keep": "Erasure put off",
    "waiting.join": "Put on the waiting list",
    "waiting.leave": "Taken off the waiting list",
}
_PAGES = {
    "booking": "/office/bookings/{name}",
    "order": "/office/orders/{name}",
    "series": "/office/series/{id}",
    "schedule": "/office/schedules/{id}",
    "instructor": "/office/instructors/{id}",
    "organisation": "/office/organisations/{id}",
    "outbox_mail": "/office/outbox/{id}",
    "course": "/office/courses/{id}",
    "venue": "/office/venues/{id}",
    "user": "/office/people/{id}",
}
_MONEY = frozenset(
    {"price", "amount", "total", "payment_amount", "min_purchase_amount", "credit_limit", "at_stripe", "in_ledger"}
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the log in words. `changes` are field, before (None where nothing was written before) and after."""

    act: Activity
    what: str
    about: str
    href: str | None
    changes: list[tuple[str, str | None, str]]


def tell(act: Activity) -> Told:
    about, href = _about(act)
    changes = [
        (_label(name), None if before is None else _value(name, before), _value(name, after))
        for name, before, after in act.changes
    ]
    return Told(act, in_words(act.action), about, href, changes)


def in_words(action: str) -> str:
    """`schedule.publish` → `Date published`; an action without words of its own is told by its name."""
    return _ACTIONS.get(action) or action.replace(".", ": ").replace("_", " ").capitalize()


def _about(act: Activity) -> tuple[str, str | None]:
    """In words, and the page that shows it."""
    if act.entity_type is None or act.entity_id is None:
        return (act.entity_type or "").capitalize(), None
    name = act.entity_name or f"{act.entity_type.replace('_', ' ').capitalize()} {act.entity_id}"
    if act.entity_starts_at is not None:
        name = f"{name}, {day_in_words(london_today(act.entity_starts_at))}"
    page = _PAGES.get(act.entity_type) if act.entity_name else None
    return name, page.format(name=act.entity_name, id=act.entity_id) if page else None


def _label(name: str) -> str:
    """`payment_status` → `Payment status`, `venue_id` → `Venue number`."""
    return re.sub("_id$", "_number", name).replace("_", " ").capitalize()


def _value(name: str, stored: Any) -> str:
    """A stored value as people read it: London's time, pounds, yes and no; a dash where there was nothing."""
    if stored is None or stored == "":
        return "–"
    if isinstance(stored, bool):
        return "Yes" if stored else "No"
    if isinstance(stored, list):
        return (
            f"{len(stored)} {'day' if len(stored) == 1 else 'days'}"
            if name == "sessions"
            else ", ".join(map(str, stored))
        )
    text = str(stored)
    if name in _MONEY:
        return _pounds(text)
    if _TIME.match(text):
        return _moment(text)
    if _DAY.match(text):
        return _day(text)
    return (
        text.replace("_", " ").capitalize() if name in ("status", "payment_status", "payment_method", "state") else text
    )


def _pounds(text: str) -> str:
    try:
        return money_in_words(Decimal(text))
    except InvalidOperation:
        return text


def _day(text: str) -> str:
    try:
        return day_in_words(date.fromisoformat(text))
    except ValueError:
        return text


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    local = to_london(moment if moment.tzinfo is None else from_iso(text))
    return f"{day_in_words(local.date())}, {local:%H:%M}"
