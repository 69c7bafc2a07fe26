"""The office's page of the system: jobs that failed, late backups, and who may look."""

from datetime import timedelta
from typing import Any

import pytest

from rft.kit.clock import utc_now
from tests.builders import Db, insert
from tests.cast import ben
from tests.features.browser import Browser
from tests.features.mailing import one, see_jobs

PAGE = "/office/system"


def a_failed_job(db: Db) -> int:
    see_jobs(db)
    row = db.execute(
        "insert into jobs.procrastinate_jobs (queue_name, task_name, status, attempts) values ('default', 'x.y', 'failed', 12) returning id"
    ).fetchone()
    assert row
    return int(row["id"])


def a_backup(db: Db, hours_ago: int, **columns: Any) -> None:
    made = utc_now() - timedelta(hours=hours_ago)
    insert(db, "backups", file="/backups/one.dump", bytes=5_300_000, sha256=b"x" * 32, began_at=made, made_at=made)


@pytest.mark.parametrize(("action", "state"), [("retry", "todo"), ("give_up", "cancelled")])
async def test_carol_tries_a_failed_job_again_or_gives_it_up_once(
    office: Browser, db: Db, action: str, state: str
) -> None:
    job = a_failed_job(db)
    assert "1 failed" in (await office.get(PAGE)).text
    for _ in range(2):
        answer = await office.send_form(f"{PAGE}/jobs/{job}", page=PAGE, action=action)
        assert answer.status_code == 303
    assert one(db, "select status::text from jobs.procrastinate_jobs where id = %(id)s", id=job)["status"] == state
    assert one(db, "select action from admin_activity_logs")["action"] == f"job.{action}"


async def test_a_backup_of_the_day_before_is_an_alarm_here_and_today(office: Browser, db: Db) -> None:
    a_backup(db, hours_ago=23)
    assert "no backup of the last 24 hours" not in (await office.get("/office")).text
    db.execute("update backups set made_at = made_at - interval '2 hours'")
    assert "no backup of the last 24 hours" in (await office.get("/office")).text
    assert "5.3 MB" in (await office.get(PAGE)).text


async def test_the_page_says_whether_the_schema_is_the_programs(office: Browser, db: Db) -> None:
    assert ", current" in (await office.get(PAGE)).text
    db.execute("update alembic_version set version_num = '20200101000000'")
    assert "The schema is not the one this version needs" in (await office.get(PAGE)).text


@pytest.mark.parametrize("path", [PAGE, "/office/settings", "/office/mail-texts", "/office/api-tokens"])
async def test_instructors_have_no_business_there(browser: Browser, db: Db, password_hash: str, path: str) -> None:
    ben(db, password_hash=password_hash)
    await browser.sign_in("ben@example.com")
    assert (await browser.get(path)).status_code == 403
