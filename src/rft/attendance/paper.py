"""The register on paper: who was there on each day, how identity was seen, signatures, and what was assessed."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from rft.attendance.queries import Person, Register, Session
from rft.attendance.rules import mark_in_words
from rft.kit.clock import day_in_words, london_today, to_london
from rft.kit.documents import make_pdf
from rft.web.company import Company

_TEMPLATE = Path(__file__).parent / "documents" / "register.typ"


async def make_register(register: Register, company: Company, *, drawn_at: datetime) -> bytes:
    """The PDF; what is not marked yet is left blank, to be filled in by hand. `drawn_at` is UTC without zone."""
    first = register.sessions[0]
    data = {
        "company": {
            "name": company.name, "address": company.address_lines, "phone": company.phone, "email": company.email,
            "vat_number": company.vat_number,
        },
        "course": first.course_name,
        "venue": f"{first.venue_name}, {first.address}, {first.postcode}",
        "closed": f"Closed on {_moment(first.closed_at)} by {first.closed_by or 'the office'}" if first.closed_at else "Not closed yet",
        "outcomes": list(register.outcomes.values()),
        "days": [_day(register, session) for session in register.sessions],
        "people": [_person(register, person) for person in register.people],
    }  # fmt: skip
    return await make_pdf(_TEMPLATE, data, created_at=drawn_at.replace(microsecond=0))


def _day(register: Register, session: Session) -> dict[str, Any]:
    hours = f"{to_london(session.starts_at):%H:%M} to {to_london(session.ends_at):%H:%M}"
    return {
        "title": f"{day_in_words(london_today(session.starts_at))}, {hours}",
        "trainer": session.instructor_name or "",
        "rows": [
            {
                "name": person.called,
                "attendance": _words(register, person, session.session_id, "attendance"),
                "signature": _signature(register, person, session.session_id),
                "note": _words(register, person, session.session_id, "note"),
            }
            for person in register.people
        ],
    }


def _person(register: Register, person: Person) -> dict[str, Any]:
    return {
        "name": person.called,
        "reference": person.reference,
        "identity": _words(register, person, None, "identity"),
        "results": [_words(register, person, None, f"assessment:{code}") for code in register.outcomes],
        "missing": "; ".join(register.lacks(person)),
    }


def _words(register: Register, person: Person, session_id: int | None, name: str) -> str:
    found = register.field(person, session_id, name)
    return " or ".join([mark_in_words(mark) for mark in (found.shown, *found.others)]) if found else ""


# Marks never vanish: those from before the database looked at the path of a signature that has a name as well are still there.
_DRAWN = re.compile(r"[ML0-9. ]*")


def _signature(register: Register, person: Person, session_id: int | None) -> dict[str, str]:
    found = register.field(person, session_id, "signature")
    if found is None:
        return {"name": "", "drawing": ""}
    path = str(found.shown.value.get("path") or "")
    path = path if _DRAWN.fullmatch(path) else ""
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 200"><path d="{path}" fill="none" stroke="#10211a" stroke-width="5"'
        ' stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
    return {"name": str(found.shown.value.get("name", "")), "drawing": drawing if path else ""}


def _moment(moment: datetime) -> str:
    return f"{day_in_words(london_today(moment))}, {to_london(moment):%H:%M}"
