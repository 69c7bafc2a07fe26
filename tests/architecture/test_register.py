"""One rule, one name: what the database can refuse by and what the application can say about it are the same names."""

from pathlib import Path

import psycopg
import pytest

import rft.database.rules
from rft.database.constraints import FIELDS
from rft.database.rules_page import import_refusals, names_refused, newest_rules, render
from rft.database.translate import refusal_from
from rft.errors import NotValid
from tests.builders import a_booking, a_course, a_schedule
from tests.conftest import Db

NAMES = """
select constraints.conname as name
  from pg_constraint as constraints
 where constraints.connamespace = 'public'::regnamespace
   and constraints.contype not in ('t', 'n')
   and not (constraints.contype = 'p' and pg_get_constraintdef(constraints.oid) = 'PRIMARY KEY (id)')
   and constraints.conrelid <> 'alembic_version'::regclass
 union
select class.relname
  from pg_index as index
  join pg_class as class on class.oid = index.indexrelid
 where class.relnamespace = 'public'::regnamespace
   and index.indisunique
   and not exists (select from pg_constraint where conindid = index.indexrelid)
"""


def in_the_database(db: Db) -> set[str]:
    raised = {name for text in newest_rules().values() for name in names_refused(text)}
    return raised | {row["name"] for row in db.execute(NAMES)}


def test_every_name_the_database_refuses_by_has_words(db: Db) -> None:
    assert in_the_database(db) - (import_refusals().keys() | FIELDS.keys()) == set()


def test_every_name_that_has_words_is_in_the_database(db: Db) -> None:
    assert (import_refusals().keys() | FIELDS.keys()) - in_the_database(db) == set()


def test_no_name_has_two_kinds_of_words() -> None:
    assert import_refusals().keys() & FIELDS.keys() == set()


def test_every_rule_file_has_a_way_back_and_says_what_it_is_for() -> None:
    files = list(Path(rft.database.rules.__file__).parent.glob("*.sql"))
    assert len(files) >= 10
    for path in files:
        text = path.read_text("utf-8")
        assert text.startswith("-- "), path.name
        assert text.count("\n-- down\n") == 1, path.name


def test_each_of_the_five_rules_has_its_file_its_refusal_and_its_tests() -> None:
    five = [rule for rule, text in newest_rules().items() if text.startswith("-- Rule ")]
    assert len(five) == 5
    for rule in five:
        assert rule in import_refusals(), rule
        assert (Path(__file__).parent.parent / f"rules/test_{rule}.py").exists(), rule


def test_the_page_of_rules_is_up_to_date() -> None:
    page = Path(__file__).parent.parent.parent / "docs/rules.md"
    assert page.read_text("utf-8") == render(), "run: python -m rft.database.rules_page docs/rules.md"


def test_a_rules_no_arrives_as_its_refusal_with_the_rules_own_sentence(db: Db) -> None:
    schedule = a_schedule(db, status="draft")
    with pytest.raises(psycopg.Error) as caught:
        a_booking(db, schedule)
    refusal = refusal_from(caught.value)
    assert isinstance(refusal, import_refusals()["bookings_on_live_schedule"])
    assert (refusal.code, refusal.facts, str(refusal)) == (
        "bookings_on_live_schedule", {"status": "draft"}, "This date is not open for booking.",
    )  # fmt: skip


def test_a_plain_constraints_no_arrives_beside_its_field(db: Db) -> None:
    with pytest.raises(psycopg.Error) as caught:
        a_course(db, price=-1)
    refusal = refusal_from(caught.value)
    assert isinstance(refusal, NotValid)
    assert refusal.errors == {"price": "The price is £0.00 or more, and less than £100,000,000."}
