"""Makes and ends attendees' links, and keeps what they write with them."""

from dataclasses import dataclass
from datetime import date, datetime

from rft import jobs
from rft.attendance.service import write_access_needs
from rft.audit.service import Actor, record
from rft.bookings.schemas import AttendeeRequest
from rft.bookings.service import lock_order
from rft.certificates.queries import find_certificate
from rft.certificates.rules import read_number
from rft.changes.moves import substitute
from rft.changes.queries import get_seat
from rft.database.pool import Connection
from rft.errors import NotFound, NotValid
from rft.kit.clock import london_today
from rft.kit.references import hash_token
from rft.learners.errors import LinkOver, TooYoung
from rft.learners.queries import Place, find_place, get_place, list_uninvited
from rft.learners.rules import LARGEST_FILE, age_on, is_link_token, media_type_of, new_link_token
from rft.learners.schemas import DetailsRequest, OtherProviderRequest
from rft.settings import Settings

_LIVE = ("pending", "confirmed", "completed")
# Nobody who still works learnt first aid before.
_EARLIEST = date(1950, 1, 1)
INVITE = "notifications.send_attendee_invitation"


@dataclass(frozen=True, slots=True)
class Link:
    """A new link. The token is in the mail and nowhere else; only its hash is kept."""

    id: int
    token: str
    place: Place


async def invite_the_uninvited(db: Connection, now: datetime) -> int:
    """Has a mail written to each attendee who was never sent a link; answers to how many."""
    waiting = await list_uninvited(db, now)
    for booking_id in waiting:
        await jobs.enqueue(db, INVITE, queueing_lock=f"invitation-{booking_id}", booking_id=booking_id)
    return len(waiting)


async def make_link(db: Connection, settings: Settings, booking_id: int, *, now: datetime) -> Link | None:
    """For whoever sits in the seat now; None where they have one, have no address, or the place is not to be used any more."""
    cursor = await db.execute("select booking_reference from bookings where id = %s", (booking_id,))
    row = await cursor.fetchone()
    place = await get_place(db, row["booking_reference"]) if row is not None else None
    if place is None or place.recipient is None or place.status not in _LIVE or place.ends_at <= now:
        return None
    token = new_link_token(settings.secret_key)
    cursor = await db.execute(
        """
        insert into attendee_links (booking_id, recipient, token_hash) values (%s, %s, %s)
        on conflict (booking_id) where revoked_at is null do nothing
        returning id
        """,
        (booking_id, place.recipient, hash_token(token)),
    )
    made = await cursor.fetchone()
    return Link(made["id"], token, place) if made is not None else None


async def open_place(db: Connection, settings: Settings, token: str, *, now: datetime) -> Place:
    """Raises LinkOver for a token that opens nothing (any more)."""
    place = await find_place(db, token) if is_link_token(settings.secret_key, token) else None
    if place is None or place.status not in _LIVE or place.ends_at <= now:
        raise LinkOver
    return place


async def save_details(db: Connection, place: Place, asked: DetailsRequest) -> None:
    """The name as it will stand on the certificate, the day of birth, and what they need. Raises TooYoung, LinkOver."""
    if age_on(london_today(place.first_session), asked.date_of_birth) < place.minimum_age:
        sentence = f"Our courses are for people of {place.minimum_age} and over on the first day."
        raise TooYoung(sentence, errors={"date_of_birth": sentence})
    await _lock_place(db, place)
    await db.execute(
        "update attendees set first_name = %s, last_name = %s where booking_id = %s and lower(email) = lower(%s)",
        (asked.first_name, asked.last_name, place.booking_id, place.recipient),
    )
    await db.execute(
        """
        insert into attendee_details (booking_id, date_of_birth) values (%s, %s)
        on conflict (booking_id) do update set date_of_birth = excluded.date_of_birth, written_at = current_timestamp
        """,
        (place.booking_id, asked.date_of_birth),
    )
    await write_access_needs(db, place.booking_id, asked.needs)


async def prove_with_ours(db: Connection, place: Place, typed: str, *, now: datetime) -> None:
    """An earlier certificate of ours, by its number: it stands, and is in the name of whoever sits here. Raises NotValid, LinkOver."""
    number = read_number(typed)
    found = await find_certificate(db, number) if number else None
    # One answer for all of them: nobody learns here whose a number is.
    if found is None or found.holder.casefold() != place.name.casefold() or found.revoked_at or found.replaced_by:
        sentence = "We know no certificate with this number in your name. Compare it letter by letter, or tell us about it below."
        raise NotValid(sentence, errors={"number": sentence})
    await _keep(db, place, now, certificate_id=found.id, completed_on=found.completed_on)


async def prove_with_another(
    db: Connection, place: Place, asked: OtherProviderRequest, file: bytes, *, now: datetime
) -> None:
    """Another provider's certificate, with a copy of it where there is one (empty: none). Raises NotValid, LinkOver."""
    media_type = media_type_of(file)
    if len(file) > LARGEST_FILE or (file and media_type is None):
        sentence = "Send a PDF or a JPEG picture of at most 5 MB."
        raise NotValid(sentence, errors={"file": sentence})
    if not _EARLIEST <= asked.completed_on <= london_today(now):
        sentence = "Enter the day on which you completed that course."
        raise NotValid(sentence, errors={"completed_on": sentence})
    await _keep(
        db,
        place,
        now,
        provider=asked.provider,
        completed_on=asked.completed_on,
        media_type=media_type,
        file=file or None,
    )


async def _keep(
    db: Connection,
    place: Place,
    now: datetime,
    *,
    completed_on: date,
    certificate_id: int | None = None,
    provider: str | None = None,
    media_type: str | None = None,
    file: bytes | None = None,
) -> None:
    await _lock_place(db, place)
    await db.execute("delete from earlier_certificates where booking_id = %s", (place.booking_id,))
    await db.execute(
        """
        insert into earlier_certificates (booking_id, certificate_id, provider, completed_on, media_type, file, written_at)
        values (%s, %s, %s, %s, %s, %s, %s)
        """,
        (place.booking_id, certificate_id, provider, completed_on, media_type, file, now),
    )


async def give_away(db: Connection, place: Place, person: AttendeeRequest, *, now: datetime) -> None:
    """The place is somebody else's from now on, and this link opens nothing any more.

    Raises LinkOver, CourseBegun, MoveRefused, AlreadyBooked; NotValid for the same address, which would change nobody.
    """
    if (person.email or "").lower() == (place.recipient or "").lower():
        sentence = "This is your own address. Give that of the person who comes in your place."
        raise NotValid(sentence, errors={"email": sentence})
    await _lock_place(db, place)
    await substitute(db, await get_seat(db, place.reference), person, actor=None, now=now)


async def _lock_place(db: Connection, place: Place) -> None:
    """Raises LinkOver where somebody else has taken the place, or the link was ended, since it was opened."""
    await lock_order(db, place.order_id)
    cursor = await db.execute(
        "select from attendee_links where id = %s and revoked_at is null for update", (place.link_id,)
    )
    if cursor.rowcount == 0:
        raise LinkOver


async def end_link(db: Connection, actor: Actor, reference: str) -> Place:
    """The link in the mail opens nothing any more. Raises NotFound where none stands."""
    place = await get_place(db, reference)
    cursor = await db.execute(
        "update attendee_links set revoked_at = utc_clock() where booking_id = %s and revoked_at is null",
        (place.booking_id,),
    )
    if cursor.rowcount == 0:
        raise NotFound("No link stands for this attendee.")
    await record(db, actor, "attendee.end_link", "booking", place.booking_id)
    return place


async def renew_link(db: Connection, actor: Actor, reference: str) -> Place:
    """Sends a new link; the one before it, if any, opens nothing any more. Raises NotFound, NotValid without an address."""
    place = await get_place(db, reference)
    if place.recipient is None:
        raise NotValid("We have no e-mail address of this attendee.")
    await db.execute(
        "update attendee_links set revoked_at = utc_clock() where booking_id = %s and revoked_at is null",
        (place.booking_id,),
    )
    await jobs.enqueue(db, INVITE, queueing_lock=f"invitation-{place.booking_id}", booking_id=place.booking_id)
    await record(db, actor, "attendee.send_link", "booking", place.booking_id)
    return place
