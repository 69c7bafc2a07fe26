"""The signed list of first-aiders: made on a day, to be put up, and checked by anybody who scans it."""

import base64
import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from rft.certificates.keys import get_signer, list_public_keys
from rft.certificates.queries import find_certificate
from rft.certificates.signing import require_signed, seal, seal_placeholder
from rft.database.pool import Connection
from rft.kit.clock import day_in_words, london_today
from rft.kit.documents import make_pdf
from rft.kit.qr import draw_qr
from rft.kit.references import new_reference
from rft.organisations.queries import Organisation
from rft.passports.queries import SignedList, get_signed, list_people
from rft.settings import Settings
from rft.web.company import Company

_TEMPLATE = Path(__file__).parent / "documents" / "first_aiders.typ"
NO_SITE = "No site"


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list as it stands today: whose first name is not told to a stranger."""

    holder: str
    site: str
    course: str
    expires_on: date
    state: str


async def make_list(
    db: Connection, settings: Settings, organisation: Organisation, company: Company, *, made_by: int, now: datetime
) -> str:
    """Everybody of the organisation whose certificate is valid today, signed as certificates are. Answers the list's reference."""
    today, reference = london_today(now), new_reference("FAL")
    lines = [
        {
            "certificate": held.number,
            "course": held.course_name,
            "expires": held.expires_on.isoformat(),
            "holder": held.holder,
            "site": person.site_name or NO_SITE,
        }
        for person in await list_people(db, organisation.id)
        if person.works_on(today)
        for held in person.in_force_on(today)
    ]
    said = canonical({"list": reference, "organisation": organisation.name, "made": today.isoformat(), "people": lines})
    signer = await get_signer(db, settings, now=now)
    data = _on_paper(reference, organisation.name, company, lines, today, base_url=settings.base_url)
    pdf = seal(await make_pdf(_TEMPLATE, data, created_at=now.replace(microsecond=0)), signer)
    await db.execute(
        """
        insert into first_aider_lists (reference, organisation_id, said, numbers, key_id, signature, pdf, made_by, made_at)
        values (%(reference)s, %(organisation_id)s, %(said)s, %(numbers)s, %(key_id)s, %(signature)s, %(pdf)s, %(made_by)s, %(now)s)
        """,
        {
            "reference": reference,
            "organisation_id": organisation.id,
            "said": said,
            "numbers": [line["certificate"] for line in lines],
            "key_id": signer.key_id,
            "signature": signer.private_key.sign(said.encode()),
            "pdf": pdf,
            "made_by": made_by,
            "now": now,
        },
    )
    return reference


def _on_paper(
    reference: str, organisation: str, company: Company, lines: list[dict[str, str]], today: date, *, base_url: str
) -> dict[str, object]:
    address = f"{base_url}/first-aiders/{reference}"
    return {
        "company": {
            "name": company.name,
            "address": company.address_lines,
            "phone": company.phone,
            "email": company.email,
            "vat_number": None,
        },
        "organisation": organisation,
        "made": _in_words(today),
        "lines": [{**line, "expires": _in_words(date.fromisoformat(line["expires"]))} for line in lines],
        "reference": reference,
        "address": address.partition("://")[2],
        "keywords": [seal_placeholder()],
        "qr": draw_qr(address, dark="#073d2d", level="M"),
    }


async def check_list(db: Connection, reference: str, *, today: date) -> tuple[SignedList, list[Listed], str]:
    """The list, how each line of it stands today, and its signature as text. Raises NotFound, and Forged where a byte was changed."""
    made = await get_signed(db, reference)
    require_signed(made.said.encode(), made.signature, made.key_id, await list_public_keys(db))
    lines = []
    for line in json.loads(made.said)["people"]:
        found = await find_certificate(db, line["certificate"])
        first, _, rest = str(line["holder"]).partition(" ")
        lines.append(
            Listed(
                holder=f"{first[:1]}. {rest}" if rest else first,
                site=line["site"],
                course=line["course"],
                expires_on=date.fromisoformat(line["expires"]),
                state=found.state_on(today) if found is not None else "revoked",
            )
        )
    return made, lines, base64.b64encode(made.signature).decode()


def canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _in_words(day: date) -> str:
    return day_in_words(day).partition(" ")[2]
