"""The public check: how a certificate stands, with the least that a person who holds it needs in order to compare."""

import base64
import hmac
from dataclasses import dataclass
from datetime import date, datetime

from rft.certificates.errors import Forged
from rft.certificates.keys import list_public_keys
from rft.certificates.queries import Certificate, find_certificate
from rft.certificates.rules import State, read_number
from rft.certificates.signing import canonical, read_token, require_signed
from rft.database.pool import Connection
from rft.errors import NotFound
from rft.kit.clock import london_today
from rft.settings import Settings
from rft.web.security.limits import Limit

# For each network address: an employer checks a course's certificates one after another; nobody guesses 65 random bits.
CHECKS = Limit("certificate_check", times=60, seconds=600)


@dataclass(frozen=True, slots=True)
class Checked:
    """`holder` is the first name's letter and the surname, or, where the signed text itself was shown, the whole name."""

    number: str
    state: State
    holder: str
    course_name: str
    completed_on: date
    expires_on: date
    issuer: str
    key_id: str
    signature: str
    revoked_on: date | None


async def check_number(db: Connection, typed: str, *, now: datetime) -> Checked:
    """By the number that a person typed. Raises NotFound alike for a slip of the pen and for a number that was never given."""
    number = read_number(typed)
    found = await find_certificate(db, number) if number else None
    if found is None:
        raise NotFound(
            "We have issued no certificate with this number. Please compare it letter by letter.",
            code="certificate_not_found",
        )
    return await _checked(db, found, _initialled(found.holder), now)


async def check_token(db: Connection, text: str, *, now: datetime) -> Checked:
    """By the text of a QR code: the signature is verified first. Raises Forged, also where our books say something else."""
    keys = await list_public_keys(db)
    claim = read_token(text, keys)
    found = await find_certificate(db, claim.number)
    if found is None or canonical(found.claim) != canonical(claim):
        raise Forged("It is signed, but our books hold no such certificate. Please tell us.")
    return await _checked(db, found, found.holder, now)


async def _checked(db: Connection, found: Certificate, holder: str, now: datetime) -> Checked:
    # What the database says is worth no more than its signature: a changed row is shown to nobody as valid.
    keys = await list_public_keys(db)
    require_signed(canonical(found.claim), found.signature, found.key_id, keys)
    return Checked(
        number=found.number,
        state=found.state_on(london_today(now)),
        holder=holder,
        course_name=found.course_name,
        completed_on=found.completed_on,
        expires_on=found.expires_on,
        issuer=found.issuer,
        key_id=found.key_id,
        signature=base64.b64encode(found.signature).decode(),
        revoked_on=london_today(found.revoked_at) if found.revoked_at else None,
    )


def _initialled(name: str) -> str:
    """`Amina Khan` → `A. Khan`: enough to compare with a paper, too little to look people up."""
    first, _, rest = name.partition(" ")
    return f"{first[:1]}. {rest}" if rest else name


def file_token(settings: Settings, number: str) -> str:
    """Opens the holder's file; stands in the mail to them and nowhere else."""
    said = f"certificate-file\n{number}".encode()
    return base64.urlsafe_b64encode(hmac.digest(settings.secret_key.encode(), said, "sha256"))[:43].decode()


def is_file_token(settings: Settings, number: str, token: str) -> bool:
    return hmac.compare_digest(file_token(settings, number).encode(), token.encode("utf-8", "replace"))
