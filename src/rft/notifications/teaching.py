"""The mails to those who teach: asked for a date, given one, one taken or moved, a qualification that runs out."""

from datetime import datetime
from typing import Any

from rft.database.pool import Connection, Row
from rft.instructors.rules import KINDS, REMIND_DAYS
from rft.kit.clock import day_in_words, london_today
from rft.notifications import outbox
from rft.notifications.compose import Mail, one_line, render
from rft.notifications.facts import get_company
from rft.notifications.texts import write_words
from rft.planning.requests import answer_token
from rft.settings import Settings

_DATE = """
select schedule.id, course.name as course_name, schedule.start_datetime as starts_at, schedule.notes, schedule.current_capacity as taken,
       (select json_agg(json_build_object('starts_at', lower(held.during), 'ends_at', upper(held.during), 'venue', venue.name,
                                          'address', concat_ws(', ', venue.address_line1, venue.address_line2, venue.city, venue.postcode))
                        order by held.during)
          from schedule_occupancies as held join venues as venue on venue.id = held.venue_id
         where held.course_schedule_id = schedule.id and (%(user_id)s::integer is null or held.instructor_id = %(user_id)s)) as days
  from course_schedules as schedule
  join courses as course on course.id = schedule.course_id
 where schedule.id = %(schedule_id)s
"""
_SUBJECTS = {
    "given": "You teach a new date",
    "taken": "You no longer teach this date",
    "moved": "Your date has changed",
}


async def write_teaching_request(db: Connection, settings: Settings, request_id: int) -> int | None:
    """Queues the mail with the link that answers; None where there is nothing to answer any more."""
    asked = await _one(
        db,
        "select course_schedule_id, instructor_id, note, answer_by from teaching_requests where id = %s and state = 'asked'",
        (request_id,),
    )
    if asked is None:
        return None
    said = {
        "note": asked["note"],
        "answer_by": london_today(asked["answer_by"]),
        "link": f"{settings.base_url}/teaching-requests/{request_id}?token={answer_token(settings, request_id)}",
    }
    found = await _one(db, _DATE, {"schedule_id": asked["course_schedule_id"], "user_id": None})
    subject = "Can you teach this date?"
    key = f"teaching-request:{request_id}"
    return await _put(db, "teaching_request", key, asked["instructor_id"], subject, said | {"date": _read(found)})


async def write_teaching_changed(
    db: Connection, settings: Settings, move_id: int, user_id: int, change: str
) -> int | None:
    """Queues the mail about one move of a date for one person, once; None where the date is no longer there."""
    move = await _one(db, "select course_schedule_id, told_before from schedule_moves where id = %s", (move_id,))
    if move is None:
        return None
    whose = None if change == "taken" else user_id
    found = await _one(db, _DATE, {"schedule_id": move["course_schedule_id"], "user_id": whose})
    said = {
        "change": change,
        "before": move["told_before"],
        "date": _read(found),
        "link": f"{settings.base_url}/instructor",
    }
    key = f"teaching-changed:{move_id}:{user_id}"
    return await _put(db, "teaching_changed", key, user_id, _SUBJECTS[change], said)


async def write_expiry_reminders(db: Connection, settings: Settings, now: datetime) -> None:
    """To each who has a qualification that ends within 90 and again within 30 days and that no newer one follows: once each."""
    today = london_today(now)
    cursor = await db.execute(
        """
        select paper.id, paper.user_id, paper.kind, paper.awarding_body, paper.expires_on
          from instructor_qualifications as paper
          join users as account on account.id = paper.user_id and account.is_active
         where paper.withdrawn_on is null and paper.expires_on between %(today)s and %(today)s + %(longest)s
           and not exists (select from instructor_qualifications as newer
                            where newer.user_id = paper.user_id and newer.kind = paper.kind and newer.withdrawn_on is null
                              and newer.expires_on > paper.expires_on)
         order by paper.id
        """,
        {"today": today, "longest": REMIND_DAYS[0]},
    )
    for paper in await cursor.fetchall():
        left = (paper["expires_on"] - today).days
        within = min(days for days in REMIND_DAYS if left <= days)
        said = {
            "paper": paper | {"name": KINDS[paper["kind"]]},
            "left": left,
            "link": f"{settings.base_url}/instructor/availability",
        }
        key = f"qualification-ends:{paper['id']}:{within}"
        subject = f"Your qualification ends on {day_in_words(paper['expires_on'])}"
        await _put(db, "qualification_ends", key, paper["user_id"], subject, said)


async def _put(db: Connection, template: str, key: str, user_id: int, subject: str, said: dict[str, Any]) -> int | None:
    person = await _one(db, "select email, name_of(id) as name from users where id = %s", (user_id,))
    if person is None:
        return None
    company = await get_company(db)
    facts = {"name": person["name"], "company": company.name}
    if "date" in said:
        facts |= {"course": said["date"]["course_name"], "date": day_in_words(london_today(said["date"]["starts_at"]))}
        subject = f"{subject}: {facts['course']}, {facts['date']}"
    else:
        facts |= {"qualification": said["paper"]["name"], "day": day_in_words(said["paper"]["expires_on"])}
    introduction, subject = await write_words(db, template, facts, subject)
    text, html = render(template, said | {"name": person["name"], "company": company, "introduction": introduction})
    return await outbox.put(
        db,
        Mail(
            dedupe_key=key, email_type=template, recipient=person["email"], subject=one_line(subject)[:255],
            text_body=text, html_body=html, calendar=None, booking_ids=[],
        ),
    )  # fmt: skip


def _read(found: Row | None) -> dict[str, Any]:
    assert found is not None, "a request and a move are deleted with their date"
    days = [
        each | {name: datetime.fromisoformat(each[name]) for name in ("starts_at", "ends_at")}
        for each in found["days"] or []
    ]
    return found | {"days": days}


async def _one(db: Connection, query: str, values: Any) -> Row | None:
    return await (await db.execute(query, values)).fetchone()
