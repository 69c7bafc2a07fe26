"""Rule 3 when several act at once: a code's last use is given out once, and spare uses are refused to nobody."""

from collections.abc import Callable
from functools import partial

import pytest
from psycopg import IsolationLevel

from tests.builders import Db, Row, a_booking, a_discount_code, a_schedule, reload, update
from tests.cast import amina
from tests.conftest import Connect
from tests.races.amplifier import LEVELS, amplify, refusals, successes
from tests.races.audited import assert_audit_is_silent

EVERY_LEVEL = pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
TABLE = "lock table bookings in share mode"
ROW = "select from discount_codes where id = {id} for update"


def buyers(db: Db, code: Row, how_many: int) -> list[Callable[[Db], Row]]:
    """Each books a date of its own with the code."""
    customer = amina(db)
    return [partial(_book, a_schedule(db), customer, code) for _ in range(how_many)]


def _book(schedule: Row, user: Row, code: Row, session: Db) -> Row:
    return a_booking(session, schedule, user=user, code=code)


@EVERY_LEVEL
@pytest.mark.parametrize("hold", [TABLE, ROW], ids=["table", "row"])
def test_the_last_use_on_five_different_dates_goes_to_one_buyer(
    db: Db, connect: Connect, database_url: str, level: IsolationLevel, hold: str
) -> None:
    code = a_discount_code(db, usage_limit=1)
    outcomes = amplify(connect, hold.format(**code), buyers(db, code, 5), level=level)
    assert successes(outcomes) == 1
    assert refusals(outcomes) == ["bookings_discount_valid"] * 4
    assert reload(db, "discount_codes", code)["times_used"] == 1
    assert_audit_is_silent(database_url)


@EVERY_LEVEL
def test_spare_uses_are_refused_to_nobody(db: Db, connect: Connect, database_url: str, level: IsolationLevel) -> None:
    code = a_discount_code(db, usage_limit=100)
    outcomes = amplify(connect, ROW.format(**code), buyers(db, code, 5), level=level)
    assert refusals(outcomes) == []
    assert reload(db, "discount_codes", code)["times_used"] == 5
    assert_audit_is_silent(database_url)


@pytest.mark.parametrize("level", LEVELS[:2], ids=lambda level: level.name)
@pytest.mark.parametrize(
    "change",
    [{"is_active": False}, {"discount_value": 50}, {"usage_limit": 0}, {"course_type_restriction": "FAW"}],
    ids=str,
)
def test_a_code_edited_while_it_is_used_is_either_unused_or_unchanged(
    db: Db, connect: Connect, database_url: str, level: IsolationLevel, change: dict[str, object]
) -> None:
    code = a_discount_code(db)
    acts = [*buyers(db, code, 1), lambda s: update(s, "discount_codes", code, **change)]
    outcomes = amplify(connect, ROW.format(**code), acts, level=level)
    assert successes(outcomes) >= 1
    assert_audit_is_silent(database_url)


@EVERY_LEVEL
def test_a_use_given_back_is_given_out_again_once(
    db: Db, connect: Connect, database_url: str, level: IsolationLevel
) -> None:
    code = a_discount_code(db, usage_limit=1)
    held = a_booking(db, a_schedule(db), code=code)
    acts = [*buyers(db, code, 4), lambda s: update(s, "bookings", held, status="cancelled")]
    outcomes = amplify(connect, TABLE, acts, level=level)
    assert successes(outcomes[:-1]) == reload(db, "discount_codes", code)["times_used"] <= 1
    assert_audit_is_silent(database_url)
