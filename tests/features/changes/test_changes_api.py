"""Changes over JSON: the order's own token or staff, the refund in the answer, and nothing done twice."""

from typing import Any

from tests.builders import Db, Row, a_course
from tests.features.api import Api, bearer
from tests.features.changes.changing import bought, dated, owed, references, standing
from tests.features.mailing import one


async def asked(api: Api, order: Row, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> Any:
    headers = bearer(order["token"]) | ({"idempotency-key": key} if key else {})
    return await api.post(path, json=body or {}, headers=headers)


async def test_a_dry_run_says_the_sum_and_does_nothing(api: Api, db: Db) -> None:
    order = bought(db, dated(db, 40), people=("Amina Khan", None))
    answer = await asked(api, order, f"/orders/{order['reference']}/cancel", {"dry_run": True})
    assert (answer.status_code, answer.json()["refund"], answer.json()["status"]) == (200, "130.00", "confirmed")
    assert owed(db) == []


async def test_an_order_is_given_up_once_however_often_it_is_asked_with_a_key(api: Api, db: Db) -> None:
    order = bought(db, dated(db, 40))
    path, body = f"/orders/{order['reference']}/cancel", {"expected_refund": "65.00"}
    first, again = [await asked(api, order, path, body, key="once") for _ in range(2)]
    assert (first.status_code, first.json()["refund"], first.json()["status"]) == (200, "65.00", "cancelled")
    assert (again.status_code, again.content) == (200, first.content)
    assert owed(db) == [("65.00", "cancelled_by_customer")]
    assert (await asked(api, order, path, body)).status_code == 409


async def test_another_sum_than_expected_is_told_and_not_paid(api: Api, db: Db) -> None:
    order = bought(db, dated(db, 20))
    answer = await asked(api, order, f"/bookings/{references(order)[0]}/cancel", {"expected_refund": "65.00"})
    assert (answer.status_code, answer.json()["code"]) == (409, "refund_changed")
    assert standing(db, order) == ["confirmed"]


async def test_a_customer_cannot_say_the_sum(api: Api, db: Db) -> None:
    order = bought(db, dated(db, 40))
    answer = await asked(
        api, order, f"/bookings/{references(order)[0]}/cancel", {"refund": "75.00", "reason": "Please"}
    )
    assert (answer.status_code, owed(db)) == (403, [])


async def test_staff_say_the_sum_with_a_reason(till: Api, db: Db) -> None:
    order = bought(db, dated(db, 3))
    path = f"/bookings/{references(order)[0]}/cancel"
    assert (await till.post(path, json={"refund": "75.00"})).status_code == 422
    answer = await till.post(path, json={"refund": "75.00", "reason": "No lift", "by_us": True})
    assert (answer.json()["refund"], answer.json()["status"]) == ("75.00", "cancelled")
    assert owed(db) == [("75.00", "cancelled_by_us")]


async def test_a_place_is_moved_and_given_to_somebody_else(api: Api, db: Db) -> None:
    course = a_course(db)
    there, order = dated(db, 50, course=course), bought(db, dated(db, 40, course=course))
    path = f"/bookings/{references(order)[0]}"
    for dry in (True, False):
        answer = await asked(api, order, f"{path}/move", {"schedule_id": there["id"], "dry_run": dry})
        assert (answer.json()["difference"], answer.json()["moved_to"]["schedule_id"]) == ("0.00", there["id"])
    assert one(db, "select course_schedule_id from bookings") == {"course_schedule_id": there["id"]}
    answer = await asked(api, order, f"{path}/substitute", {"first_name": "Bilal", "last_name": "Khan"})
    assert answer.json()["attendee"] == "Bilal Khan"


async def test_another_orders_token_opens_no_booking(api: Api, db: Db) -> None:
    order, other = bought(db, dated(db, 40)), bought(db, dated(db, 40))
    person = {"first_name": "Dev", "last_name": "Shah"}
    for act, body in (("cancel", {}), ("move", {"schedule_id": 1}), ("substitute", person)):
        answer = await asked(api, other, f"/bookings/{references(order)[0]}/{act}", body)
        assert (answer.status_code, answer.json()["code"]) == (404, "booking_not_found")


async def test_staff_cancel_a_whole_date(till: Api, db: Db) -> None:
    here = dated(db, 20)
    order = bought(db, here)
    path = f"/admin/schedules/{here['id']}/cancel"
    assert (await till.post(path)).json()["code"] == "schedule_has_bookings"
    answer = await till.post(path, json={"reason": "Snow"})
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert answer.json()["places"] == [{"reference": references(order)[0], "state": "waiting", "why": None}]
