"""A register as JSON: what a device is told after it has sent its marks, and what the API answers."""

from typing import Any

from rft.attendance.queries import Register, Session
from rft.attendance.rules import Field, Mark, mark_in_words
from rft.kit.clock import to_iso


def register_body(register: Register, session: Session) -> dict[str, Any]:
    """One session's register: only what the day needs to know of each person."""
    return {
        "session": session.key,
        "course": session.course_name,
        "venue": session.venue_name,
        "start": to_iso(session.starts_at),
        "end": to_iso(session.ends_at),
        "closed_at": to_iso(session.closed_at) if session.closed_at else None,
        "outcomes": register.outcomes,
        "people": [
            {
                "booking": person.reference,
                "name": person.called,
                "status": person.status,
                "missing": register.lacks(person),
                "fields": {
                    name: _field(found)
                    for (reference, day, name), found in register.fields.items()
                    if reference == person.reference and day in (None, session.session_id)
                },
            }
            for person in register.people
        ],
    }


def session_body(session: Session) -> dict[str, Any]:
    return {
        "id": session.key,
        "schedule_id": session.schedule_id,
        "course": session.course_name,
        "start": to_iso(session.starts_at),
        "end": to_iso(session.ends_at),
        "day": session.position,
        "days": session.days,
        "venue": {
            "name": session.venue_name, "address": session.address, "postcode": session.postcode,
            "parking_info": session.parking_info,
        },
        "places_taken": session.taken,
        "closed_at": to_iso(session.closed_at) if session.closed_at else None,
    }  # fmt: skip


def _field(found: Field) -> dict[str, Any]:
    return {
        **_mark(found.shown),
        "heads": [mark.id for mark in found.heads],
        "others": [_mark(mark) for mark in found.others],
    }


def _mark(mark: Mark) -> dict[str, Any]:
    return {
        "id": mark.id,
        "kind": mark.kind,
        "value": dict(mark.value),
        "words": mark_in_words(mark),
        "made_at": to_iso(mark.made_at),
        "by": mark.made_by,
        "device": mark.device,
    }
