"""Who may be put on an open date: with a paper that is valid on its last day, and not away. For every SQL client."""

from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from tests.builders import FIRST_MONDAY, Db, Row, a_course, a_schedule, insert, update
from tests.cast import ben
from tests.rules.refusing import CHECK, EXCLUSION, refused

QUALIFIED, AVAILABLE = "course_schedules_instructor_qualified", "course_schedules_instructor_available"
DAY = timedelta(days=1)


@pytest.fixture
def teacher(db: Db) -> Row:
    """Ben, of whom the office keeps papers."""
    person = ben(db)
    db.execute("insert into instructor_profiles (user_id) values (%s)", (person["id"],))
    return person


def a_paper(db: Db, person: Row, kind: str, **columns: Any) -> Row:
    defaults = {"awarding_body": "Qualsafe", "issued_on": date(2028, 1, 1), "expires_on": FIRST_MONDAY.date()}
    return insert(db, "instructor_qualifications", user_id=person["id"], kind=kind, **{**defaults, **columns})


def an_absence(db: Db, person: Row, first: date, *, days: int = 1) -> None:
    span = f"[{first.isoformat()},{(first + DAY * days).isoformat()})"
    insert(db, "instructor_absences", user_id=person["id"], kind="sickness", during=span)


def taught_by(db: Db, person: Row, *, kind: str = "EFAW", days: int = 1) -> Row:
    return a_schedule(
        db, course=a_course(db, course_type=kind), instructor_id=person["id"], start_datetime=FIRST_MONDAY,
        end_datetime=FIRST_MONDAY + DAY * (days - 1) + timedelta(hours=7),
    )  # fmt: skip


@pytest.mark.parametrize(("paper", "taught", "is_enough"), [
    ("EFAW", "EFAW", True), ("FAW", "EFAW", True), ("EFAW", "FAW", False), ("FAW", "Paediatric", False), ("teaching", "EFAW", False),
])  # fmt: skip
def test_the_paper_is_for_the_courses_type(db: Db, teacher: Row, paper: str, taught: str, *, is_enough: bool) -> None:
    a_paper(db, teacher, paper)
    if is_enough:
        taught_by(db, teacher, kind=taught)
    else:
        with refused(QUALIFIED, CHECK) as refusal:
            taught_by(db, teacher, kind=taught)
        assert str(refusal.value).startswith(
            f"Ben Osei has no {taught} qualification that is valid on Monday 3 March 2031."
        )


def test_the_paper_is_valid_to_the_last_day_of_the_date(db: Db, teacher: Row) -> None:
    paper = a_paper(db, teacher, "EFAW")
    with refused(QUALIFIED, CHECK):
        taught_by(db, teacher, days=2)
    update(db, "instructor_qualifications", paper, expires_on=FIRST_MONDAY.date() + DAY)
    taught_by(db, teacher, days=2)


def test_a_paper_that_was_withdrawn_counts_no_longer_and_is_never_deleted(db: Db, teacher: Row) -> None:
    paper = a_paper(db, teacher, "EFAW")
    with refused("never_deleted", CHECK):
        db.execute("delete from instructor_qualifications")
    update(db, "instructor_qualifications", paper, withdrawn_on=FIRST_MONDAY.date())
    with refused(QUALIFIED, CHECK):
        taught_by(db, teacher)


def test_of_whom_no_papers_are_kept_nothing_is_asked_and_a_draft_is_not_judged_before_it_opens(db: Db) -> None:
    person = ben(db)
    taught_by(db, person)
    db.execute("insert into instructor_profiles (user_id) values (%s)", (person["id"],))
    draft = a_schedule(db, instructor_id=person["id"], status="draft")
    with refused(QUALIFIED, CHECK):
        update(db, "course_schedules", draft, status="published")


def test_one_session_of_many_is_judged_by_whoever_teaches_it(db: Db, teacher: Row) -> None:
    a_paper(db, teacher, "EFAW")
    schedule = a_schedule(db, start_datetime=FIRST_MONDAY, end_datetime=FIRST_MONDAY + DAY + timedelta(hours=7))
    monday, tuesday = (
        insert(
            db,
            "schedule_sessions",
            course_schedule_id=schedule["id"],
            starts_at=FIRST_MONDAY + DAY * number,
            ends_at=FIRST_MONDAY + DAY * number + timedelta(hours=7),
        )
        for number in range(2)
    )
    update(db, "schedule_sessions", monday, instructor_id=teacher["id"])
    with refused(QUALIFIED, CHECK):
        update(db, "schedule_sessions", tuesday, instructor_id=teacher["id"])


def test_nobody_who_is_away_is_put_on_a_date_and_an_absence_takes_none_away(db: Db, teacher: Row) -> None:
    a_paper(db, teacher, "EFAW")
    schedule = taught_by(db, teacher)
    an_absence(db, teacher, FIRST_MONDAY.date())
    update(db, "course_schedules", schedule, notes="Still his: the office finds somebody else.")
    update(db, "course_schedules", schedule, instructor_id=None)
    with refused(AVAILABLE, CHECK) as refusal:
        update(db, "course_schedules", schedule, instructor_id=teacher["id"])
    assert "Ben Osei is away (sickness) from Monday 3 March 2031 to Monday 3 March 2031." in str(refusal.value)


def test_an_absence_is_written_once(db: Db, teacher: Row) -> None:
    an_absence(db, teacher, FIRST_MONDAY.date(), days=3)
    with refused("instructor_absences_apart", EXCLUSION):
        an_absence(db, teacher, FIRST_MONDAY.date() + DAY * 2)
    an_absence(db, teacher, FIRST_MONDAY.date() + DAY * 3)
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute(
            "insert into instructor_absences (user_id, kind, during) values (%s, 'leave', 'empty')", (teacher["id"],)
        )
