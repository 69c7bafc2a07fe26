"""Makes certificates: reads what stands on them, signs and draws them, and files them with the bookings' marks; many at once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rft.audit.service import Actor
from rft.certificates.keys import get_signer
from rft.certificates.paper import make_certificate
from rft.certificates.rules import Claim, expires_on, new_number
from rft.certificates.signing import Signer, sign
from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound
from rft.kit.clock import london_today
from rft.settings import Settings

# A row of issuing.sql, and `expires_on`.
Facts = Mapping[str, Any]

_FACTS = statement(__file__, "issuing.sql")
_FILE = statement(__file__, "filing.sql")
_MARK = """
update bookings set certificate_issued = true, certificate_issued_date = coalesce(certificate_issued_date, %(day)s)
 where id = any(%(bookings)s) and not certificate_issued
"""


_LOCK = "select from bookings where booking_reference = any(%s) order by id for update"


@dataclass(frozen=True, slots=True)
class Draft:
    """One certificate to be made. `replaces` is the id of the one that it corrects."""

    facts: Facts
    holder: str
    replaces: int | None = None

    @property
    def claim(self) -> Claim:
        """With a number of its own, another each time it is asked for."""
        return Claim(
            number=new_number(),
            holder=self.holder,
            course=self.facts["course_name"],
            course_type=self.facts["course_type"],
            hours=f"{self.facts['hours'].normalize():f}",
            completed=self.facts["completed_on"].isoformat(),
            expires=self.facts["expires_on"].isoformat(),
            trainer=self.facts["trainer"],
            issuer=self.facts["issuer"],
        )


@dataclass(frozen=True, slots=True)
class Filed:
    id: int
    number: str


async def lock_bookings(db: Connection, references: Sequence[str]) -> None:
    """Issuing, correcting and revoking take turns: what is read afterwards stands until the transaction ends."""
    await db.execute(_LOCK, (list(references),))


async def read_facts(db: Connection, references: Sequence[str]) -> list[Facts]:
    """What stands on the certificates of these bookings, which nobody changes until the transaction ends. Raises NotFound."""
    await lock_bookings(db, references)
    cursor = await db.execute(_FACTS, {"references": list(references)})
    found = await cursor.fetchall()
    if len(found) != len(references):
        raise NotFound("There is no such booking.", code="booking_not_found")
    return [dict(row) | {"expires_on": expires_on(row["completed_on"], row["years"])} for row in found]


async def file_certificates(
    db: Connection, actor: Actor, drafts: Sequence[Draft], *, settings: Settings, now: datetime
) -> list[Filed]:
    """Signed, drawn, and written down in the order of the drafts. Raises SigningKeyMissing, and what the database refuses."""
    signer = await get_signer(db, settings, now=now)
    made = await asyncio.gather(*(_make(draft, signer, settings, now) for draft in drafts))
    await db.execute(_MARK, {"day": london_today(now), "bookings": [draft.facts["booking_id"] for draft in drafts]})
    rows = [_row(draft, claim, signature) for draft, (claim, signature, _) in zip(drafts, made, strict=True)]
    values = {
        "key_id": signer.key_id, "issued_by": actor.user_id, "issued_at": now, "pdf": [pdf for _, _, pdf in made],
        **{name: [row[name] for row in rows] for name in rows[0]},
    }  # fmt: skip
    cursor = await db.execute(_FILE, values)
    ids = {row["number"]: row["id"] for row in await cursor.fetchall()}
    return [Filed(ids[row["number"]], row["number"]) for row in rows]


async def _make(draft: Draft, signer: Signer, settings: Settings, now: datetime) -> tuple[Claim, bytes, bytes]:
    """What is claimed, its signature, and the file."""
    claim = draft.claim
    signature = sign(claim, signer)
    drawn_at = now.replace(microsecond=0)
    pdf = await make_certificate(claim, signature, signer, base_url=settings.base_url, drawn_at=drawn_at)
    return claim, signature, pdf


def _row(draft: Draft, claim: Claim, signature: bytes) -> dict[str, Any]:
    facts = draft.facts
    return {
        "number": claim.number, "booking_id": facts["booking_id"], "holder": claim.holder, "course": claim.course,
        "course_type": claim.course_type, "hours": facts["hours"], "completed": facts["completed_on"],
        "expires": facts["expires_on"], "trainer": claim.trainer, "issuer": claim.issuer, "signature": signature,
        "replaces": draft.replaces,
    }  # fmt: skip
