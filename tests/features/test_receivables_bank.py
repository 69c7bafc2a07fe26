"""From the bank's file to a confirmed order: imported, matched, confirmed by Carol; and what is refused on the way."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import psycopg
import pytest
from typer.testing import CliRunner

from rft.cli import app as rft
from rft.database.audit import run_audit
from rft.kit.clock import utc_now
from rft.receivables.matching import Owed, propose
from tests.builders import Db, Row, reload
from tests.features.browser import Browser
from tests.features.mailing import an_order, one, rows
from tests.features.owing import an_organisation, approval_of, owing
from tests.rules.refusing import refused

MINE = Owed("ORD-7KQ2M4XN9PHWAB01", "PO-4471", "Northern Mills Ltd", "Amina Khan", Decimal("75.00"))
OTHERS = Owed("ORD-ZZZZZZZZZZZZZZZZ", "PO-9", "Other School", "Dev Shah", Decimal("60.00"))


@pytest.mark.parametrize(
    ("text", "amount", "reasons", "is_sure"),
    [
        (
            "ORD7KQ2M4XN9PHWAB01 NORTHERN MILLS",
            "75.00",
            ["the order’s reference", "exactly what is owed", "the name"],
            True,
        ),
        ("ord-7kq2m4xn9p", "75.00", ["the beginning of the order’s reference", "exactly what is owed"], True),
        ("INV PO 4471", "70.00", ["purchase order PO-4471"], False),
        ("Khan Amina", "75.00", ["exactly what is owed", "the name"], False),
        ("somebody", "75.00", ["exactly what is owed"], False),
    ],
)
def test_a_proposal_says_why(text: str, amount: str, reasons: list[str], is_sure: bool) -> None:
    [proposal] = propose(text, Decimal(amount), [MINE, OTHERS])
    assert (proposal.owed, proposal.reasons, proposal.is_sure) == (MINE, reasons, is_sure)


def test_what_fits_nothing_is_proposed_for_nothing() -> None:
    assert propose("card takings", Decimal("12.00"), [MINE, OTHERS]) == []


def a_file(*lines: tuple[str, str]) -> str:
    return "Date,Description,Amount\n" + "".join(f"03/12/2026,{text},{amount}\n" for text, amount in lines)


async def send_in(office: Browser, text: str, name: str = "bank.csv") -> httpx.Response:
    token = await office.csrf_token("/office/bank")
    files = {"statement": (name, text.encode(), "text/csv")}
    return await office.post("/office/bank/statements", data={"csrf_token": token}, files=files)


async def match(office: Browser, line: Row, reference: str) -> httpx.Response:
    return await office.send_form(f"/office/bank/lines/{line['id']}/match", page="/office/bank", reference=reference)


def lines(db: Db) -> list[Row]:
    return rows(db, "select * from bank_lines order by id")


async def test_carol_imports_matches_and_the_order_is_confirmed(db: Db, office: Browser, database_url: str) -> None:
    order = owing(db, an_organisation(db), reference="ORD-7KQ2M4XN9PHWAB01", people=("Amina Khan", None))
    assert (await send_in(office, a_file(("Northern Mills ORD7KQ2M4XN9PHW", "150.00")))).status_code == 303
    page = (await office.get("/office/bank")).text
    assert "Very likely" in page
    assert "Record £150.00" in page
    assert (await match(office, lines(db)[0], "ord-7kq2m4xn9phwab0l")).status_code == 303
    assert {reload(db, "bookings", seat)["status"] for seat in order["bookings"]} == {"confirmed"}
    assert one(db, "select amount, order_id from bank_matches") == {
        "amount": Decimal("150.00"),
        "order_id": order["id"],
    }
    entry = one(db, "select distinct payment_method, metadata ->> 'note' as note from payment_transactions")
    assert entry["payment_method"] == "bank_transfer"
    assert entry["note"].startswith("Bank statement, 03.12.2026: Northern Mills")
    assert [finding.id for finding in await run_audit(database_url) if finding.count] == []


async def test_a_file_read_twice_adds_nothing_and_one_that_overlaps_only_what_is_new(db: Db, office: Browser) -> None:
    first, second = ("School", "75.00"), ("Mill", "60.00")
    await send_in(office, a_file(first, first))
    await send_in(office, a_file(first, first))
    await send_in(office, a_file(first, first, second))
    assert [line["description"] for line in lines(db)] == ["School", "School", "Mill"]
    assert [row["new_lines"] for row in rows(db, "select new_lines from bank_statements order by id")] == [2, 0, 1]


async def test_a_wrong_row_is_shown_and_nothing_is_kept(db: Db, office: Browser) -> None:
    answer = await send_in(office, a_file(("School", "75.00"), ("Mill", "many")))
    assert answer.status_code == 422
    assert "Row 3: “many” is not an amount of money." in answer.text
    assert lines(db) == []


async def test_a_file_may_be_five_megabytes_and_no_larger(db: Db, office: Browser) -> None:
    wide = a_file(*((f"{number} {'x' * 250}", "1.00") for number in range(2000)))
    assert (await send_in(office, wide)).status_code == 303
    assert (await send_in(office, "x" * (5 * 1024 * 1024 + 50_000))).status_code == 413


async def test_a_line_that_is_too_small_pays_a_part_and_the_rest_stays_owed(db: Db, office: Browser) -> None:
    order = owing(db, people=("Amina Khan", None))
    await send_in(office, a_file(("Northern Mills", "100.00"), ("Northern Mills", "50.00")))
    first, second = lines(db)
    assert (await match(office, first, order["reference"])).status_code == 303
    assert [reload(db, "bookings", seat)["status"] for seat in order["bookings"]] == ["confirmed", "pending"]
    assert "£50.00" in (await office.get("/office/receivables")).text
    assert (await match(office, second, order["reference"])).status_code == 303
    assert reload(db, "bookings", order["bookings"][1])["status"] == "confirmed"


async def test_who_takes_a_part_by_hand_lets_the_rest_be_owed(db: Db, office: Browser) -> None:
    order = an_order(db, people=("Amina Khan", None), confirmed=False, hold_expires_at=utc_now() + timedelta(minutes=9))
    page = f"/office/orders/{order['reference']}"
    answer = await office.send_form(f"{page}/payments", page=page, method="cash", amount="75.00")
    assert answer.status_code == 303
    assert approval_of(db, order["reference"])["state"] == "accepted"


async def test_who_takes_less_than_one_place_costs_is_sent_the_invoice_and_told_what_is_left(
    db: Db, office: Browser
) -> None:
    order = an_order(db, people=("Amina Khan", None), confirmed=False, hold_expires_at=utc_now() + timedelta(minutes=9))
    page = f"/office/orders/{order['reference']}"
    for method in ("cash", "cheque"):
        await office.send_form(f"{page}/payments", page=page, method=method, amount="20.00")
    assert "£20.00 by cheque is in the ledger" in (await office.get(page)).text
    names = [job["task_name"] for job in rows(db, "select task_name from jobs.procrastinate_jobs order by id")]
    assert names == ["invoices.issue_invoice", "notifications.send_order_reserved"]


async def test_one_line_pays_two_orders_and_not_a_third(db: Db, office: Browser) -> None:
    first, second, third = (owing(db) for _ in range(3))
    await send_in(office, a_file(("Northern Mills", "150.00")))
    [line] = lines(db)
    answers = [(await match(office, line, order["reference"])).status_code for order in (first, second, third)]
    assert answers == [303, 303, 409]
    with refused("bank_matches_within_line"):
        db.execute(
            "insert into bank_matches (line_id, order_id, amount, matched_by) values (%s, %s, 0.01, %s)",
            (line["id"], third["id"], third["user_id"]),
        )


async def test_an_order_that_is_paid_is_not_paid_again(db: Db, office: Browser) -> None:
    order = owing(db)
    await send_in(office, a_file(("Northern Mills", "75.00"), ("Northern Mills", "75.00")))
    answers = [(await match(office, line, order["reference"])).status_code for line in lines(db)]
    assert answers == [303, 404]
    assert one(db, "select count(*) from payment_transactions")["count"] == 1


async def test_what_is_for_no_order_is_set_aside_and_can_come_back(db: Db, office: Browser) -> None:
    order = owing(db)
    await send_in(office, a_file(("Interest", "75.00")))
    [line] = lines(db)
    act = f"/office/bank/lines/{line['id']}"
    assert (await office.send_form(f"{act}/set-aside", page="/office/bank", reason=" ")).status_code == 422
    assert (await office.send_form(f"{act}/set-aside", page="/office/bank", reason="Interest")).status_code == 303
    assert (await match(office, line, order["reference"])).status_code == 409
    assert "Take back" in (await office.get("/office/bank?state=aside")).text
    assert (await office.send_form(f"{act}/take-back", page="/office/bank")).status_code == 303
    assert (await match(office, line, order["reference"])).status_code == 303


async def test_what_the_bank_wrote_stays(db: Db, office: Browser) -> None:
    await send_in(office, a_file(("School", "75.00")))
    for act in ("update bank_lines set amount = 1", "delete from bank_lines", "truncate bank_lines cascade"):
        with pytest.raises(psycopg.Error) as caught:
            db.execute(act.encode())
        assert caught.value.diag.constraint_name in ("append_only", "never_deleted")


def test_the_command_line_imports_and_can_only_look(
    db: Db, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("RFT_DEMO", "1")
    path = tmp_path / "bank.csv"
    path.write_text(a_file(("School", "75.00")), "utf-8")
    answers = [
        CliRunner().invoke(rft, ["bank", "import", str(path), *rest, "--json"]) for rest in (["--dry-run"], [], [])
    ]
    assert [json.loads(answer.stdout)["new"] for answer in answers] == [1, 1, 0]
    assert len(lines(db)) == 1
