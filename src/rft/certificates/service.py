"""Completes bookings; issues, corrects and revokes certificates. Never before the course is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rft import jobs
from rft.audit.service import Actor, record
from rft.bookings.errors import TransitionRefused
from rft.bookings.queries import Booking, get_booking
from rft.certificates.errors import CertificateIncomplete, CertificateOut, CourseNotCompleted
from rft.certificates.keys import get_signer
from rft.certificates.paper import make_certificate
from rft.certificates.queries import Certificate, get_certificate
from rft.certificates.rules import Claim, expires_on, new_number
from rft.certificates.signing import sign
from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound, NotValid
from rft.kit.clock import day_in_words, london_today
from rft.settings import Settings

_ISSUING = statement(__file__, "issuing.sql")
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
    found = await _read(db, reference)
    if found["live_id"] is not None:
        return str(found["live_number"])
    if found["status"] != "completed":
        raise CourseNotCompleted(f"The booking is {found['status']}, not completed: no certificate can be issued.")
    _require_complete(found)
    issue = _Issue(db, actor, settings, now)
    number = await issue.write(found, holder=found["holder"], replaces=None)
    old = {"certificate_issued": bool(found["certificate_issued"])}
    issued_on = found["certificate_issued_date"] or london_today(now)
    new = {"certificate_issued": True, "certificate_issued_date": issued_on, "number": number}
    await record(db, actor, "certificate.issue", "booking", found["booking_id"], old=old, new=new)
    return number


async def reissue_certificate(
    db: Connection, actor: Actor, number: str, *, holder: str, note: str, settings: Settings, now: datetime
) -> str:
    """Replaces a certificate by one with the holder's name put right; everything else stays. Answers the new number.

    Raises NotFound, NotValid, CertificateOut where it has been replaced before, CertificateIncomplete, SigningKeyMissing.
    """
    old = await get_certificate(db, number)
    name = " ".join(holder.split())
    if not name or len(name) > 120:
        sentence = "Write the holder's full name, of at most 120 letters."
        raise NotValid(sentence, code="holder_missing", errors={"holder": sentence})
    if name == old.holder and old.revoked_at is None:
        sentence = "This is the name that it carries already."
        raise NotValid(sentence, code="holder_unchanged", errors={"holder": sentence})
    found = await _read(db, old.booking_reference)
    if old.replaced_by is not None or found["live_id"] not in (None, old.id):
        raise CertificateOut("Another certificate has taken this one's place already.")
    number = await _Issue(db, actor, settings, now).write(_as_it_was(found, old), holder=name, replaces=old.id)
    await record(
        db, actor, "certificate.reissue", "booking", old.booking_id,
        old={"holder": old.holder, "number": old.number}, new={"holder": name, "number": number, "reason": note},
    )  # fmt: skip
    return number


async def revoke_certificate(db: Connection, actor: Actor, number: str, *, reason: str, note: str) -> Certificate:
    """From now on the public check says so. Raises NotFound, NotValid, CertificateOut where it is no longer the one that stands."""
    if reason not in REASONS or (reason == "other" and not note.strip()):
        sentence = "Say why: choose a reason, and explain any other in the note."
        raise NotValid(sentence, code="reason_missing", errors={"reason": sentence})
    certificate = await get_certificate(db, number)
    if certificate.replaced_by is not None or certificate.revoked_at is not None:
        raise CertificateOut("This certificate does not stand any more.")
    await db.execute(
        "insert into certificate_revocations (certificate_id, reason, note, revoked_by) values (%s, %s, %s, %s)",
        (certificate.id, reason, note.strip() or None, actor.user_id),
    )
    new = {"number": number, "reason": f"{REASONS[reason]}. {note}".strip()}
    await record(db, actor, "certificate.revoke", "booking", certificate.booking_id, old=None, new=new)
    return await get_certificate(db, number)


@dataclass(frozen=True, slots=True)
class _Issue:
    """One act of issuing: by whom, when, with which server's key."""

    db: Connection
    actor: Actor
    settings: Settings
    now: datetime

    async def write(self, found: Mapping[str, Any], *, holder: str, replaces: int | None) -> str:
        signer = await get_signer(self.db, self.settings, now=self.now)
        claim = Claim(
            number=new_number(),
            holder=holder,
            course=found["course_name"],
            course_type=found["course_type"],
            hours=f"{found['hours'].normalize():f}",
            completed=found["completed_on"].isoformat(),
            expires=found["expires_on"].isoformat(),
            trainer=found["trainer"],
            issuer=found["issuer"],
        )
        signature = sign(claim, signer)
        pdf = await make_certificate(
            claim, signature, signer, base_url=self.settings.base_url, drawn_at=self.now.replace(microsecond=0)
        )
        await self.db.execute(
            """
            update bookings set certificate_issued = true, certificate_issued_date = coalesce(certificate_issued_date, %s)
             where id = %s and not certificate_issued
            """,
            (london_today(self.now), found["booking_id"]),
        )
        cursor = await self.db.execute(
            """
            insert into certificates (number, booking_id, holder, course_name, course_type, hours, completed_on, expires_on, trainer,
                                      issuer, key_id, signature, replaces, issued_by, issued_at)
            values (%(number)s, %(booking_id)s, %(holder)s, %(course)s, %(course_type)s, %(hours)s, %(completed)s, %(expires)s,
                    %(trainer)s, %(issuer)s, %(key_id)s, %(signature)s, %(replaces)s, %(issued_by)s, %(issued_at)s)
            returning id
            """,
            {
                "number": claim.number, "booking_id": found["booking_id"], "holder": claim.holder, "course": claim.course,
                "course_type": claim.course_type, "hours": found["hours"], "completed": found["completed_on"],
                "expires": found["expires_on"], "trainer": claim.trainer, "issuer": claim.issuer, "key_id": signer.key_id,
                "signature": signature, "replaces": replaces, "issued_by": self.actor.user_id, "issued_at": self.now,
            },
        )  # fmt: skip
        row = await cursor.fetchone()
        assert row is not None, "an insert returns its row"
        await self.db.execute("insert into certificate_files (certificate_id, pdf) values (%s, %s)", (row["id"], pdf))
        await jobs.enqueue(self.db, "notifications.send_certificate", certificate_id=row["id"])
        return claim.number


async def _read(db: Connection, reference: str) -> dict[str, Any]:
    cursor = await db.execute(_ISSUING, {"reference": reference})
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("There is no such booking.", code="booking_not_found")
    found: dict[str, Any] = dict(row)
    return found | {"expires_on": expires_on(found["completed_on"], found["years"])}


def _require_complete(found: Mapping[str, Any]) -> None:
    missing = {"holder": "the attendee's name", "trainer": "the trainer of the course"}
    lacks = [words for field, words in missing.items() if not found[field]]
    if lacks:
        raise CertificateIncomplete(
            f"The certificate is held: {' and '.join(lacks)} is not known yet.", facts={"missing": lacks}
        )


def _as_it_was(found: Mapping[str, Any], old: Certificate) -> dict[str, Any]:
    """What a correction repeats: what was taught and when, whatever the course is called today."""
    return {
        **found, "course_name": old.course_name, "course_type": old.course_type, "hours": old.hours,
        "completed_on": old.completed_on, "expires_on": old.expires_on, "trainer": old.trainer, "issuer": old.issuer,
    }  # fmt: skip


async def _move(db: Connection, actor: Actor, booking: Booking, status: str) -> None:
    await db.execute("update bookings set status = %s where id = %s", (status, booking.id))
    await record(
        db, actor, f"booking.{status}", "booking", booking.id, old={"status": booking.status}, new={"status": status}
    )
