"""What the office wants said in a kind of mail: a subject and some words, in versions. Only words in braces mean anything in them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from rft.audit.service import Actor, record
from rft.database.pool import Connection
from rft.errors import NotFound, NotValid

_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_SUBJECT_LENGTH, _WORDS_LENGTH = 150, 2000
_ORDER = ("name", "course", "date", "reference", "company")
_DATE = ("name", "course", "date", "company")
_ADD = """
insert into mail_texts (email_type, version, subject, introduction, created_by, created_at)
values (%(email_type)s, %(version)s, %(subject)s, %(introduction)s, %(by)s, %(now)s)
"""
_VERSIONS = """
select text.version, text.subject, text.introduction, text.created_at,
       coalesce(nullif(concat_ws(' ', author.first_name, author.last_name), ''), author.email) as author
  from mail_texts as text
  join users as author on author.id = text.created_by
 where text.email_type = %s
 order by text.version desc
"""
_NEWEST = """
select distinct on (email_type) email_type, subject, introduction from mail_texts order by email_type, version desc
"""


@dataclass(frozen=True, slots=True)
class Editable:
    """A kind of mail: what it is called, its own subject (course and day follow where it knows a date), the words in braces it knows."""

    label: str
    subject: str
    words: tuple[str, ...]


EDITABLE = {
    "booking_confirmation": Editable("Booking confirmed", "Your booking is confirmed", _ORDER),
    "order_reserved": Editable("Places reserved", "Your seats are reserved", _ORDER),
    "order_requested": Editable("Payment later asked for", "We have your request", _ORDER),
    "order_declined": Editable("Payment later declined", "Your request was declined", _ORDER),
    "payment_link": Editable("Payment link", "Please pay for your places", _ORDER),
    "payment_due": Editable("Payment due", "Payment for your booking", _ORDER),
    "schedule_changed": Editable("Date changed", "Your course has changed", _ORDER),
    "booking_moved": Editable("Place moved", "Your place is moved", _ORDER),
    "booking_cancelled": Editable("Booking cancelled", "Your cancellation", _ORDER),
    "payment_returned": Editable("Money goes back", "Your money goes back to you", ("name", "course", "reference", "company")),
    "certificate_issued": Editable("Certificate", "Your certificate", ("name", "course", "number", "company")),
    "course_reminder": Editable("Course coming up", "Your course is coming up", _ORDER),
    "attendee_invitation": Editable(
        "Attendee's details", "Your place on {course}: please tell us about you", ("name", "course", "company")
    ),
    "waiting_joined": Editable("On the waiting list", "You are on the waiting list", _DATE),
    "waiting_offer": Editable("Offer from the waiting list", "There is room for you", _DATE),
    "sign_in_link": Editable("Link to sign in", "Your link to sign in", ("name", "company")),
    "booker_invitation": Editable("Books for an organisation", "You book for {organisation}", ("organisation", "company")),
    "teaching_request": Editable("Instructor asked", "Can you teach this date?", _DATE),
    "teaching_changed": Editable("Instructor's date changed", "Your date has changed", _DATE),
    "qualification_ends": Editable(
        "Qualification ends", "Your qualification ends on {day}", ("name", "qualification", "day", "company")
    ),
    "new_password": Editable("New password", "Set a new password", ("name", "company")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """Both empty: the mail is as it was written with the program."""

    subject: str = ""
    introduction: str = ""

    def subject_with(self, facts: Mapping[str, str], otherwise: str) -> str:
        return fill(self.subject, facts) if self.subject else otherwise

    def introduction_with(self, facts: Mapping[str, str]) -> str:
        return fill(self.introduction, facts)


OWN = Text()


@dataclass(frozen=True, slots=True)
class Version:
    version: int
    subject: str
    introduction: str
    created_at: datetime
    author: str


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Each word in braces by what it stands for. What is put in is not looked at again, and an unknown word stays as it is."""
    return _IN_BRACES.sub(lambda found: facts.get(found[1], found[0]), text)


def require_text(email_type: str, subject: str, introduction: str) -> Text:
    """As it is kept. Raises NotFound for a kind that is none, NotValid with a sentence for each field."""
    kind = EDITABLE.get(email_type)
    if kind is None:
        raise NotFound
    subject = " ".join(subject.split())
    introduction = "\n".join(line.strip() for line in introduction.strip().replace("\r\n", "\n").split("\n"))
    errors = {}
    for name, text, longest in (
        ("subject", subject, _SUBJECT_LENGTH),
        ("introduction", introduction, _WORDS_LENGTH),
    ):
        sentence = _fault(text, kind.words, longest)
        if sentence:
            errors[name] = sentence
    if errors:
        raise NotValid(errors=errors)
    return Text(subject, introduction)


async def find_text(db: Connection, email_type: str) -> Text:
    """What holds now."""
    async with db.cursor(row_factory=class_row(Text)) as cursor:
        await cursor.execute(
            "select subject, introduction from mail_texts where email_type = %s order by version desc limit 1",
            (email_type,),
        )
        return await cursor.fetchone() or OWN


async def write_words(db: Connection, email_type: str, facts: Mapping[str, str], subject: str) -> tuple[str, str]:
    """The office's words for a mail, and its subject: the office's, or the one given."""
    words = await find_text(db, email_type)
    return words.introduction_with(facts), words.subject_with(facts, subject)


async def list_texts(db: Connection) -> dict[str, Text]:
    """By kind, those that somebody has written."""
    rows = await (await db.execute(_NEWEST)).fetchall()
    return {row["email_type"]: Text(row["subject"], row["introduction"]) for row in rows}


async def list_versions(db: Connection, email_type: str) -> list[Version]:
    async with db.cursor(row_factory=class_row(Version)) as cursor:
        await cursor.execute(_VERSIONS, (email_type,))
        return await cursor.fetchall()


async def save_text(db: Connection, actor: Actor, email_type: str, text: Text, *, after: int, now: datetime) -> None:
    """Adds the version behind the one that was looked at; if somebody else was quicker, the database refuses it."""
    values = {
        "email_type": email_type,
        "version": after + 1,
        "subject": text.subject,
        "introduction": text.introduction,
        "by": actor.user_id,
        "now": now,
    }
    before = await find_text(db, email_type)
    await db.execute(_ADD, values)
    told = {"name": EDITABLE[email_type].label, "subject": text.subject, "description": text.introduction}
    await record(
        db,
        actor,
        "mail_text.save",
        "system",
        None,
        old={"subject": before.subject, "description": before.introduction},
        new=told,
    )


def _fault(text: str, words: tuple[str, ...], longest: int) -> str:
    if len(text) > longest:
        return f"Use at most {longest} characters."
    unknown = [word for word in _IN_BRACES.findall(text) if word not in words]
    if unknown:
        known = ", ".join(f"{{{word}}}" for word in words)
        return f"This mail knows no {{{unknown[0]}}}. It knows {known}."
    rest = _IN_BRACES.sub("", text)
    if "{" in rest or "}" in rest:
        return "A brace stands alone. Write a word between two of them, such as {name}, or leave it out."
    return ""
