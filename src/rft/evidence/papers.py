"""The papers of a course, file by file: register, marks, hours, certificates, results, and a summary that is read first."""

import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rft.attendance.paper import make_register
from rft.attendance.queries import Person, Register, list_marks, read_register
from rft.attendance.rules import mark_in_words
from rft.certificates.queries import Certificate, list_live_of_schedule
from rft.database.pool import Connection
from rft.evidence.queries import TrainerPaper, list_columns, list_results, list_trainer_papers, read_demanded
from rft.evidence.rules import Demanded, Held, contact_hours, hours_in_words, ratio_in_words
from rft.kit.clock import day_in_words, london_today, to_london
from rft.kit.documents import make_pdf
from rft.kit.sheets import csv_lines
from rft.web.company import Company

_SUMMARY = Path(__file__).parent / "documents" / "summary.typ"
_THERE = ("present", "late", "left_early")
README = """\
The papers of one course. Read summary.pdf first.

manifest.json names each file with its SHA-256; manifest.sig is the Ed25519 signature over manifest.json (base64url). The key is the one
named in it as key_id, published at /.well-known/rft-certificate-keys.json of the training company's site. To check everything at once:

    rft evidence verify FILE --keys rft-certificate-keys.json
"""


async def write_papers(db: Connection, schedule_id: int, company: Company, *, now: datetime) -> dict[str, bytes]:
    """All but the certificates. Raises NotFound."""
    register = await read_register(db, schedule_id)
    demanded = await read_demanded(db, schedule_id)
    certificates = await list_live_of_schedule(db, schedule_id)
    marks = [asdict(mark) for mark in await list_marks(db, schedule_id)]
    days = held_days(register)
    trainers = await list_trainer_papers(db, schedule_id)
    return {
        "README.txt": README.encode(),
        "summary.pdf": await _summary(register, days, demanded, trainers, certificates, company, now),
        "register.pdf": await make_register(register, company, drawn_at=now),
        "register-marks.json": json.dumps(marks, ensure_ascii=False, indent=1, default=str).encode(),
        "hours.csv": _hours(days, demanded).encode(),
        "trainers.csv": _trainers(trainers).encode(),
        "results.csv": (await write_results(db, schedule_id)).encode(),
    }


async def write_results(db: Connection, schedule_id: int) -> str:
    """The awarding body's file: its own columns, safe for a spreadsheet."""
    columns = await list_columns(db)
    rows = await list_results(db, schedule_id)
    return csv_lines([[title for title, _ in columns], *([row[source] for _, source in columns] for row in rows)])


def held_days(register: Register) -> list[Held]:
    return [
        Held(
            session.starts_at,
            session.ends_at,
            session.instructor_name or "",
            sum(_was_there(register, person, session.session_id) for person in register.people),
        )
        for session in register.sessions
    ]


def title_of(register: Register) -> str:
    """`First Aid at Work, Monday 1 March 2027, 1 High Street, Leeds`."""
    first = register.sessions[0]
    return f"{first.course_name}, {day_in_words(london_today(first.course_starts_at))}, {first.address}"


def certificate_name(certificate: Certificate) -> str:
    """Its place in the pack."""
    holder = "".join(letter if letter.isalnum() else "-" for letter in certificate.holder)
    return f"certificates/{holder}-{certificate.number}.pdf"


async def _summary(
    register: Register,
    days: list[Held],
    demanded: Demanded,
    trainers: list[TrainerPaper],
    certificates: list[Certificate],
    company: Company,
    now: datetime,
) -> bytes:
    first = register.sessions[0]
    numbers = {certificate.booking_reference: certificate.number for certificate in certificates}
    data = {
        "company": {
            "name": company.name, "address": company.address_lines, "phone": company.phone, "email": company.email,
            "vat_number": company.vat_number,
        },
        "course": first.course_name,
        "venue": f"{first.venue_name}, {first.address}, {first.postcode}",
        "made": f"Made on {day_in_words(london_today(now))}",
        "hours": hours_in_words(contact_hours(days, demanded.breaks_minutes), demanded.contact_hours),
        "ratio": ratio_in_words(days, demanded.maximum_learners),
        "register": "Closed" if register.is_closed else "Not closed",
        "days": [
            {
                "day": day_in_words(london_today(day.starts_at)),
                "hours": f"{to_london(day.starts_at):%H:%M} to {to_london(day.ends_at):%H:%M}",
                "trainer": day.trainer,
                "present": str(day.present),
            }
            for day in days
        ],
        "papers": [
            {"trainer": paper.trainer, "paper": _in_words(paper), "expires": _day(paper.expires_on)} for paper in trainers
        ],
        "people": [_person(register, person, numbers) for person in register.people],
    }  # fmt: skip
    return await make_pdf(_SUMMARY, data, created_at=now.replace(microsecond=0))


def _person(register: Register, person: Person, numbers: dict[str, str]) -> dict[str, Any]:
    identity = register.field(person, None, "identity")
    attended = sum(_was_there(register, person, session.session_id) for session in register.sessions)
    return {
        "name": person.called,
        "reference": person.reference,
        "attended": f"{attended} of {len(register.sessions)}",
        "identity": mark_in_words(identity.shown) if identity else "",
        "certificate": numbers.get(person.reference, ""),
        "missing": "; ".join(register.lacks(person)),
    }


def _was_there(register: Register, person: Person, session_id: int | None) -> bool:
    field = register.field(person, session_id, "attendance")
    return field is not None and field.shown.kind in _THERE


def _in_words(paper: TrainerPaper) -> str:
    """`FAW, of Qualsafe, 1234`."""
    if paper.kind is None:
        return "No paper on record that was valid then"
    return f"{paper.kind}, of {paper.awarding_body}{f', {paper.number}' if paper.number else ''}"


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else ""


def _trainers(papers: list[TrainerPaper]) -> str:
    head = ["Trainer", "Paper", "Awarding body", "Number", "Issued on", "Expires on"]
    rows = [
        [paper.trainer, paper.kind, paper.awarding_body, paper.number, paper.issued_on, paper.expires_on]
        for paper in papers
    ]
    return csv_lines([head, *rows])


def _hours(days: list[Held], demanded: Demanded) -> str:
    head = ["Day", "Starts", "Ends", "Breaks in minutes", "Contact hours", "Trainer", "Present"]
    rows = [
        [london_today(day.starts_at), f"{to_london(day.starts_at):%H:%M}", f"{to_london(day.ends_at):%H:%M}",
         demanded.breaks_minutes, contact_hours([day], demanded.breaks_minutes), day.trainer, day.present]
        for day in days
    ]  # fmt: skip
    return csv_lines([head, *rows])
