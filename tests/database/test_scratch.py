"""Trying revisions on a copy: it sees what a revision breaks, leaves the target alone and nothing behind."""

import psycopg
import pytest

from rft.database import migrate, revisions
from rft.database.scratch import ScratchError, check, find_pg_dump
from tests.clusters import Cluster
from tests.conftest import Connect, Db

REVISIONS = "20261122091800", "20261122092400"


def databases(server: Cluster) -> set[str]:
    with psycopg.connect(server.url()) as session:
        return {name for (name,) in session.execute("select datname from pg_database")}


def test_a_database_that_is_up_to_date_needs_no_trial(database_url: str) -> None:
    report = check(database_url)
    assert (report.before, report.pending, report.is_good) == (revisions.newest(), (), True)


@pytest.mark.parametrize("revision", [None, REVISIONS[0]])
def test_what_is_pending_goes_up_down_and_up_on_a_copy_with_its_rows(
    server: Cluster, empty_url: str, revision: str | None
) -> None:
    if revision:
        migrate.upgrade(empty_url, revision)
    before = databases(server)
    report = check(empty_url)
    assert (report.before, report.with_rows, report.faults) == (revision, True, ())
    assert report.pending[-1] == revisions.newest()
    assert (migrate.current(empty_url), databases(server)) == (revision, before)


def test_where_somebody_is_connected_the_schema_alone_is_tried(empty_url: str) -> None:
    migrate.upgrade(empty_url, REVISIONS[1])
    with psycopg.connect(empty_url):
        report = check(empty_url)
    assert (report.before, report.with_rows, report.faults) == (REVISIONS[1], False, ())


def test_rows_that_a_revision_cannot_take_are_reported(server: Cluster, empty_url: str) -> None:
    with psycopg.connect(empty_url, autocommit=True) as session:
        session.execute("create table users (id serial primary key, email varchar(255) unique not null)")
        session.execute("insert into users (email) values ('amina@example.com'), ('AMINA@example.com')")
    before = databases(server)
    report = check(empty_url)
    assert not report.is_good
    assert "Going up failed: " in report.faults[0]
    assert "users_email_unique_whatever_case" in report.faults[0]
    assert databases(server) == before


def test_a_schema_that_somebody_changed_by_hand_is_reported(empty_url: str) -> None:
    migrate.upgrade(empty_url, REVISIONS[1])
    with psycopg.connect(empty_url, autocommit=True) as session:
        session.execute(
            "create function bookings_certificate_after_completion() returns integer language sql as 'select 1'"
        )
    assert "already exists" in check(empty_url).faults[0]


def test_a_role_that_may_not_copy_is_told_so(server: Cluster, empty_url: str) -> None:
    with psycopg.connect(empty_url, autocommit=True) as session:
        session.execute("drop role if exists dev")
        session.execute("create role dev login")
    with pytest.raises(ScratchError) as refusal:
        check(empty_url.replace("postgres@", "dev@"))
    assert "CREATEDB" in refusal.value.hint


def test_a_pg_dump_that_can_read_the_server_is_found(server: Cluster, db: Db, connect: Connect) -> None:
    assert find_pg_dump(server.major).exists()
    with pytest.raises(ScratchError, match="no pg_dump of version 99"):
        find_pg_dump(99)
