"""Completes bookings; issues, corrects and revokes certificates. Never before the course is over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from rft import jobs
from rft.audit.service import Actor, record
from rft.bookings.errors import TransitionRefused
from rft.bookings.queries import Booking, get_booking
from rft.certificates.errors import CertificateIncomplete, CertificateOut, CourseNotCompleted
from rft.certificates.issuing import Draft, Facts, Filed, file_certificates, lock_bookings, read_facts
from rft.certificates.queries import Certificate, get_certificate
from rft.database.pool import Connection
from rft.errors import NotValid
from rft.kit.clock import day_in_words, london_today
from rft.kit.fields import Line
from rft.settings import Settings

_HOLDER = TypeAdapter(Annotated[Line, Field(max_length=120)])
REASONS = {
    "issued_in_error": "Issued in error",
    "identity": "The holder was somebody else",
    "assessment": "The assessment was withdrawn",
    "not_paid": "The course was not paid for",
    "other": "Another reason",
}


async def complete_booking(db: Connection, actor: Actor, reference: str, *, now: datetime) -> None:
    """From confirmed (or, while no certificate is out, no_show) to completed. Raises NotFound, CourseNotCompleted, TransitionRefused."""
    booking = await get_booking(db, reference)
    if booking.status not in ("confirmed", "no_show"):
        raise TransitionRefused(f"A {booking.status} booking cannot be completed.")
    if booking.ends_at > now:
        raise CourseNotCompleted(
            f"The course ends on {day_in_words(london_today(booking.ends_at))}; it cannot be completed before that."
        )
    await _move(db, actor, booking, "completed")


async def mark_no_show(db: Connection, actor: Actor, reference: str, *, now: datetime) -> None:
    """From confirmed (or, while no certificate is out, completed) to no_show, once the course has begun."""
    booking = await get_booking(db, reference)
    if booking.status not in ("confirmed", "completed") or booking.certificate_issued:
        raise TransitionRefused(f"A {booking.status} booking cannot be marked as a no-show.")
    if booking.starts_at > now:
        raise TransitionRefused("Nobody can have missed a course that has not begun.")
    await _move(db, actor, booking, "no_show")


async def issue_certificate(db: Connection, actor: Actor, reference: str, *, settings: Settings, now: datetime) -> str:
    """Signs and files the certificate of a completed booking, marks the booking, and has it sent; answers its number.

    Where one stands already, that one's number. Raises NotFound, CourseNotCompleted, CertificateIncomplete, SigningKeyMissing.
    """
    (facts,) = await read_facts(db, [reference])
    if facts["live_id"] is not None:
        return str(facts["live_number"])
    filed = await issue_certificates(db, actor, [facts], settings=settings, now=now)
    await jobs.enqueue(db, "notifications.send_certificate", certificate_id=filed[0].id)
    return filed[0].number


async def issue_certificates(
    db: Connection, actor: Actor, bookings: Sequence[Facts], *, settings: Settings, now: datetime
) -> list[Filed]:
    """All of them or, where one cannot be, none; they are still to be sent. Raises as issue_certificate does."""
    for facts in bookings:
        _require_issuable(facts)
    drafts = [Draft(facts, holder=facts["holder"]) for facts in bookings]
    filed = await file_certificates(db, actor, drafts, settings=settings, now=now)
    for facts, certificate in zip(bookings, filed, strict=True):
        old = {"certificate_issued": bool(facts["certificate_issued"])}
        issued_on = facts["certificate_issued_date"] or london_today(now)
        new = {"certificate_issued": True, "certificate_issued_date": issued_on, "number": certificate.number}
        await record(db, actor, "certificate.issue", "booking", facts["booking_id"], old=old, new=new)
    return filed


async def reissue_certificate(
    db: Connection, actor: Actor, number: str, *, holder: str, note: str, settings: Settings, now: datetime
) -> str:
    """Replaces a certificate by one with the holder's name put right; everything else stays. Answers the new number.

    Raises NotFound, NotValid, CertificateOut where it has been replaced before, CertificateIncomplete, SigningKeyMissing.
    """
    old = await _get_locked(db, number)
    name = _read_holder(holder)
    if name == old.holder and old.revoked_at is None:
        sentence = "This is the name that it carries already."
        raise NotValid(sentence, code="holder_unchanged", errors={"holder": sentence})
    (facts,) = await read_facts(db, [old.booking_reference])
    if old.replaced_by is not None or facts["live_id"] not in (None, old.id):
        raise CertificateOut("Another certificate has taken this one's place already.")
    draft = Draft(_as_it_was(facts, old), holder=name, replaces=old.id)
    (filed,) = await file_certificates(db, actor, [draft], settings=settings, now=now)
    await record(
        db, actor, "certificate.reissue", "booking", old.booking_id,
        old={"holder": old.holder, "number": old.number}, new={"holder": name, "number": filed.number, "reason": note},
    )  # fmt: skip
    await jobs.enqueue(db, "notifications.send_certificate", certificate_id=filed.id)
    return filed.number


async def revoke_certificate(db: Connection, actor: Actor, number: str, *, reason: str, note: str) -> Certificate:
    """From now on the public check says so. Raises NotFound, NotValid, CertificateOut where it is no longer the one that stands."""
    if reason not in REASONS or (reason == "other" and not note.strip()):
        sentence = "Say why: choose a reason, and explain any other in the note."
        raise NotValid(sentence, code="reason_missing", errors={"reason": sentence})
    certificate = await _get_locked(db, number)
    if certificate.replaced_by is not None or certificate.revoked_at is not None:
        raise CertificateOut("This certificate does not stand any more.")
    await db.execute(
        "insert into certificate_revocations (certificate_id, reason, note, revoked_by) values (%s, %s, %s, %s)",
        (certificate.id, reason, note.strip() or None, actor.user_id),
    )
    new = {"number": number, "reason": f"{REASONS[reason]}. {note}".strip()}
    await record(db, actor, "certificate.revoke", "booking", certificate.booking_id, old=None, new=new)
    return await get_certificate(db, number)


async def _get_locked(db: Connection, number: str) -> Certificate:
    """As it stands until the transaction ends. Raises NotFound."""
    found = await get_certificate(db, number)
    await lock_bookings(db, [found.booking_reference])
    return await get_certificate(db, number)


def _read_holder(typed: str) -> str:
    """Raises NotValid."""
    try:
        return _HOLDER.validate_python(" ".join(typed.split()))
    except ValidationError as wrong:
        sentence = "Write the holder's full name, of at most 120 letters, none of them invisible."
        raise NotValid(sentence, code="holder_missing", errors={"holder": sentence}) from wrong


def _require_issuable(facts: Facts) -> None:
    if facts["status"] != "completed":
        raise CourseNotCompleted(f"The booking is {facts['status']}, not completed: no certificate can be issued.")
    missing = {"holder": "the attendee's name", "trainer": "the trainer of the course"}
    lacks = [words for field, words in missing.items() if not facts[field]]
    if lacks:
        raise CertificateIncomplete(
            f"The certificate is held: {' and '.join(lacks)} is not known yet.", facts={"missing": lacks}
        )


def _as_it_was(facts: Facts, old: Certificate) -> Facts:
    """What a correction repeats: what was taught and when, whatever the course is called today."""
    return {
        **facts, "course_name": old.course_name, "course_type": old.course_type, "hours": old.hours,
        "completed_on": old.completed_on, "expires_on": old.expires_on, "trainer": old.trainer, "issuer": old.issuer,
    }  # fmt: skip


async def _move(db: Connection, actor: Actor, booking: Booking, status: str) -> None:
    await db.execute("update bookings set status = %s where id = %s", (status, booking.id))
    await record(
        db, actor, f"booking.{status}", "booking", booking.id, old={"status": booking.status}, new={"status": status}
    )
