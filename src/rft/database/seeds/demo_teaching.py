"""The demonstration's papers of those who teach, and one that soon runs out."""

from datetime import date, timedelta

import psycopg
from psycopg.rows import DictRow

# e-mail, home town, first part of the postcode, what they may teach
_TEACHERS = [
    ("ben@demo.example", "Leeds", "LS8", ("FAW", "Paediatric")),
    ("farah@demo.example", "Sheffield", "S7", ("FAW", "Paediatric")),
    ("tom@demo.example", "York", "YO10", ("FAW", "Paediatric")),
]
_VALID_FROM, _VALID_FOR = timedelta(days=400), timedelta(days=1096)
_ENDS_SOON = timedelta(days=24)


def give_papers(db: psycopg.Connection[DictRow], today: date) -> None:
    """Before there are dates: whoever has papers is held to them."""
    for email, town, area, kinds in _TEACHERS:
        db.execute(
            """
            insert into instructor_profiles (user_id, home_town, postcode_area)
            select id, %s, %s from users where email = %s
            """,
            (town, area, email),
        )
        for kind in kinds:
            _paper(db, email, kind, "Qualsafe Awards", today - _VALID_FROM, today - _VALID_FROM + _VALID_FOR)
        _paper(db, email, "teaching", "Highfield Qualifications", today - 2 * _VALID_FROM, None)
    _paper(
        db,
        "tom@demo.example",
        "assessing",
        "Highfield Qualifications",
        today - _VALID_FOR + _ENDS_SOON,
        today + _ENDS_SOON,
    )
    db.execute(
        """
        insert into instructor_availability (user_id, weekday, opens, closes)
        select id, weekday, '08:00', '18:00' from users, generate_series(1, 5) as weekday where email = 'farah@demo.example'
        """
    )


def _paper(
    db: psycopg.Connection[DictRow], email: str, kind: str, body: str, issued_on: date, expires_on: date | None
) -> None:
    db.execute(
        """
        insert into instructor_qualifications (user_id, kind, awarding_body, issued_on, expires_on)
        select id, %s, %s, %s, %s from users where email = %s
        """,
        (kind, body, issued_on, expires_on, email),
    )
