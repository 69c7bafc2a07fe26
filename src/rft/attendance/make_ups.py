"""A missed day, made up on another run of the same course: it takes a place there, and completes the place it was missed from."""

from rft.attendance.queries import Session, read_register
from rft.attendance.service import require_open
from rft.audit.service import Actor, record
from rft.bookings.queries import get_booking
from rft.database.pool import Connection
from rft.errors import NotValid
from rft.kit.references import new_reference, read_reference

# Nothing to pay: the course has been sold once. Whether a seat is free, the database decides.
_TAKE_PLACE = """
with place as (
    insert into bookings (user_id, course_schedule_id, booking_reference, payment_amount, status, payment_status)
    select missed.user_id, %(schedule_id)s, %(reference)s, 0, 'confirmed', 'paid' from bookings as missed where missed.id = %(booking_id)s
    returning id),
named as (
    insert into attendees (booking_id, first_name, last_name, email)
    select place.id, attendee.first_name, attendee.last_name, attendee.email
      from place join attendees as attendee on attendee.booking_id = %(booking_id)s)
insert into register_make_ups (booking_id, session_id, in_booking_id, in_session_id, agreed_by)
select %(booking_id)s, %(missed_session_id)s, place.id, %(session_id)s, %(agreed_by)s from place
"""


async def make_up_day(db: Connection, actor: Actor, session: Session, reference: str) -> str:
    """Takes a place on `session` for the person of a booking who missed the same day of another run; answers the place's reference.

    Raises NotFound, NotValid where it is another course or the day was not missed, MakeUpRefused where it is being
    made up already, ScheduleFull, RegisterClosed.
    """
    missed = await get_booking(db, read_reference(reference))
    register = await read_register(db, missed.schedule_id)
    day = next((day for day in register.sessions if day.position == session.position), None)
    person = next((person for person in register.people if person.booking_id == missed.id), None)
    if missed.schedule_id == session.schedule_id or register.sessions[0].course_id != session.course_id or day is None:
        raise _refused("A day is made up on the same day of another run of the same course.")
    if person is None or f"attendance:{day.session_id or ''}" not in person.missing:
        raise _refused("This person has not missed that day.")
    place = new_reference("RFT")
    values = {
        "booking_id": missed.id, "schedule_id": session.schedule_id, "reference": place, "session_id": session.session_id,
        "missed_session_id": day.session_id, "agreed_by": actor.user_id,
    }  # fmt: skip
    await db.execute(_TAKE_PLACE, values)
    await require_open(db, session.schedule_id)
    await record(db, actor, "register.make_up", "booking", missed.id, new={"reference": place})
    return place


async def complete_made_up(db: Connection, actor: Actor, in_booking_id: int) -> None:
    """Completes the booking whose day was made up by that place, where its register lacks nothing any more."""
    cursor = await db.execute(
        """
        update bookings as booking set status = 'completed'
          from register_make_ups as made_up
         where made_up.in_booking_id = %s and booking.id = made_up.booking_id and booking.status in ('confirmed', 'no_show')
           and cardinality(register_missing(booking.id)) = 0
        returning booking.id
        """,
        (in_booking_id,),
    )
    for row in await cursor.fetchall():
        await record(db, actor, "booking.completed", "booking", row["id"], new={"status": "completed"})


def _refused(sentence: str) -> NotValid:
    return NotValid(sentence, code="make_up_not_possible", errors={"missed": sentence})
