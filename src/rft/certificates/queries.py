"""Reads certificates."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from psycopg.rows import class_row

from rft.certificates.rules import Claim, State, state_on
from rft.database.pool import Connection
from rft.errors import NotFound
from rft.kit.pages import Window


@dataclass(frozen=True, slots=True)
class Certificate:
    """One as it was issued, and what has become of it. `replaced_by` is the number of the one that corrects it."""

    id: int
    number: str
    booking_id: int
    booking_reference: str
    schedule_id: int
    holder: str
    course_name: str
    course_type: str
    hours: Decimal
    completed_on: date
    expires_on: date
    trainer: str
    issuer: str
    key_id: str
    signature: bytes
    issued_at: datetime
    issued_by: str
    replaces: str | None
    replaced_by: str | None
    revoked_at: datetime | None
    revoked_by: str | None
    revoked_reason: str | None
    revoked_note: str | None

    def state_on(self, day: date) -> State:
        return state_on(
            day, expires=self.expires_on, revoked=self.revoked_at is not None, replaced=self.replaced_by is not None
        )

    @property
    def claim(self) -> Claim:
        """What its signature is over."""
        return Claim(
            number=self.number,
            holder=self.holder,
            course=self.course_name,
            course_type=self.course_type,
            hours=f"{self.hours.normalize():f}",
            completed=self.completed_on.isoformat(),
            expires=self.expires_on.isoformat(),
            trainer=self.trainer,
            issuer=self.issuer,
        )


_CERTIFICATES = """
select certificate.id, certificate.number, certificate.booking_id, booking.booking_reference, booking.course_schedule_id as schedule_id,
       certificate.holder, certificate.course_name, certificate.course_type, certificate.hours, certificate.completed_on,
       certificate.expires_on, certificate.trainer, certificate.issuer, certificate.key_id, certificate.signature,
       certificate.issued_at, coalesce(nullif(concat_ws(' ', issuer.first_name, issuer.last_name), ''), issuer.email) as issued_by,
       earlier.number as replaces, later.number as replaced_by, gone.revoked_at,
       coalesce(nullif(concat_ws(' ', revoker.first_name, revoker.last_name), ''), revoker.email) as revoked_by,
       gone.reason as revoked_reason, gone.note as revoked_note
  from certificates as certificate
  join bookings as booking on booking.id = certificate.booking_id
  join users as issuer on issuer.id = certificate.issued_by
  left join certificates as earlier on earlier.id = certificate.replaces
  left join certificates as later on later.replaces = certificate.id
  left join certificate_revocations as gone on gone.certificate_id = certificate.id
  left join users as revoker on revoker.id = gone.revoked_by
"""
_FILTERS = {
    "": "true",
    "valid": "gone.certificate_id is null and later.id is null and certificate.expires_on >= %(today)s",
    "expiring": "gone.certificate_id is null and later.id is null"
                " and certificate.expires_on between %(today)s and %(today)s::date + 90",
    "expired": "gone.certificate_id is null and later.id is null and certificate.expires_on < %(today)s",
    "revoked": "gone.certificate_id is not null",
}  # fmt: skip


async def find_certificate(db: Connection, number: str) -> Certificate | None:
    async with db.cursor(row_factory=class_row(Certificate)) as cursor:
        await cursor.execute(f"{_CERTIFICATES} where certificate.number = %s", (number,))
        return await cursor.fetchone()


async def get_certificate(db: Connection, number: str) -> Certificate:
    """Raises NotFound."""
    found = await find_certificate(db, number)
    if found is None:
        raise NotFound("There is no certificate with this number.", code="certificate_not_found")
    return found


async def get_file(db: Connection, certificate_id: int) -> bytes:
    cursor = await db.execute("select pdf from certificate_files where certificate_id = %s", (certificate_id,))
    row = await cursor.fetchone()
    assert row is not None, "a certificate is written together with its file"
    return bytes(row["pdf"])


async def list_of_booking(db: Connection, booking_id: int) -> list[Certificate]:
    """All that were ever issued for it, the newest first."""
    async with db.cursor(row_factory=class_row(Certificate)) as cursor:
        await cursor.execute(
            f"{_CERTIFICATES} where certificate.booking_id = %s order by certificate.id desc", (booking_id,)
        )
        return await cursor.fetchall()


async def list_live_of_schedule(db: Connection, schedule_id: int) -> list[Certificate]:
    """Those that stand, by holder."""
    async with db.cursor(row_factory=class_row(Certificate)) as cursor:
        await cursor.execute(
            f"""
            {_CERTIFICATES}
             where booking.course_schedule_id = %s and later.id is null and gone.certificate_id is null
             order by certificate.holder, certificate.id
            """,
            (schedule_id,),
        )
        return await cursor.fetchall()


async def list_certificates(
    db: Connection, window: Window, *, search: str, state: str, today: date
) -> list[Certificate]:
    """Newest first. `search` is a part of the holder's name or of the number."""
    values = {"today": today, "search": f"%{_escaped(search)}%", **window.values()}
    async with db.cursor(row_factory=class_row(Certificate)) as cursor:
        await cursor.execute(
            f"""
            {_CERTIFICATES}
             where {_FILTERS[state]} and {window.condition(["certificate.id"])}
               and (certificate.holder ilike %(search)s or certificate.number ilike %(search)s)
            {window.order(["certificate.id"])}
            """,
            values,
        )
        return await cursor.fetchall()


def _escaped(search: str) -> str:
    return search.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
