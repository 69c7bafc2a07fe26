"""Completes bookings and issues certificates, never before the course is over."""

from datetime import datetime

from rft.audit.service import Actor, record
from rft.bookings.errors import TransitionRefused
from rft.bookings.queries import Booking, get_booking
from rft.certificates.errors import CourseNotCompleted
from rft.database.pool import Connection
from rft.kit.clock import day_in_words, london_today


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


async def issue_certificate(db: Connection, actor: Actor, reference: str, *, now: datetime) -> None:
    """Marks the certificate as issued on London's day; a second time changes nothing. Raises CourseNotCompleted."""
    booking = await get_booking(db, reference)
    if booking.certificate_issued:
        return
    if booking.status != "completed":
        raise CourseNotCompleted(f"The booking is {booking.status}, not completed: no certificate can be issued.")
    today = london_today(now)
    await db.execute(
        "update bookings set certificate_issued = true, certificate_issued_date = %s where id = %s and not certificate_issued",
        (today, booking.id),
    )
    new = {"certificate_issued": True, "certificate_issued_date": today}
    await record(db, actor, "certificate.issue", "booking", booking.id, old={"certificate_issued": False}, new=new)


async def _move(db: Connection, actor: Actor, booking: Booking, status: str) -> None:
    await db.execute("update bookings set status = %s where id = %s", (status, booking.id))
    await record(
        db, actor, f"booking.{status}", "booking", booking.id, old={"status": booking.status}, new={"status": status}
    )
