"""The calendar file that goes with a mail: an entry for each day, in UTC, so that London sees the right 09:30."""

from datetime import UTC, datetime

from icalendar import Calendar, Event, vText

from rft.notifications.facts import OrderFacts, Session


def write_calendar(facts: OrderFacts, written_at: datetime) -> str:
    """iCalendar text. An entry's UID is the same in every mail about the order: calendars replace it."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{facts.company.name}//Bookings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for session in facts.sessions:
        calendar.add_component(_entry(facts, session, written_at))
    text: bytes = calendar.to_ical()
    return text.decode()


def _entry(facts: OrderFacts, session: Session, written_at: datetime) -> Event:
    day = session.session_id or "span"
    entry = Event()
    entry.add("uid", f"{facts.order.reference}-{session.course_schedule_id}-{day}@{facts.company.domain}".lower())
    # A calendar takes the entry with the higher number, in whatever order the mails arrive.
    entry.add("sequence", session.moves)
    entry.add("dtstamp", written_at.replace(tzinfo=UTC))
    entry.add("dtstart", session.starts_at.replace(tzinfo=UTC))
    entry.add("dtend", session.ends_at.replace(tzinfo=UTC))
    entry.add("summary", facts.order.course_name)
    entry["location"] = vText(f"{session.venue_name}, {session.address}")
    entry.add("description", f"{facts.company.name}, order {facts.order.reference}, telephone {facts.company.phone}")
    return entry
