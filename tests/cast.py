"""The people of the tests: Amina books, Ben teaches, Carol administers, Dev is a stranger."""

from typing import Any

from tests.builders import Db, Row, a_user


def amina(db: Db, **columns: Any) -> Row:
    return a_user(db, **{"email": "amina@example.com", "first_name": "Amina", "last_name": "Khan", **columns})


def ben(db: Db, **columns: Any) -> Row:
    return a_user(
        db, **{"email": "ben@example.com", "first_name": "Ben", "last_name": "Osei", "role": "instructor", **columns}
    )


def carol(db: Db, **columns: Any) -> Row:
    return a_user(
        db, **{"email": "carol@example.com", "first_name": "Carol", "last_name": "Hughes", "role": "admin", **columns}
    )


def dev(db: Db, **columns: Any) -> Row:
    return a_user(db, **{"email": "dev@example.com", "first_name": "Dev", "last_name": "Shah", **columns})
