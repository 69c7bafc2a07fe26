"""What people do at the checkout, in the words of the steps."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx

from rft.fake_stripe.ledger import Ledger
from tests.builders import Db, Row
from tests.features.browser import Browser

AMINA = {"first_name": "Amina", "last_name": "Khan", "email": "amina@example.com"}
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
_FORM = re.compile(r'<form[^>]*method="post" action="([^"]+)".*?</form>', re.DOTALL)


def fields_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the page's form that posts to `action`."""
    for form in _FORM.finditer(page):
        if form[1] == action:
            return {name: unescape(value) for name, value in _HIDDEN.findall(form[0])}
    raise AssertionError(f"no form posts to {action}")


def words(page: str) -> str:
    """The page as it reads: no tags, single spaces."""
    body = re.sub(r"<(script|style|svg).*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body))).replace(" .", ".").replace(" ,", ",")


class Shopper(Browser):
    """Follows redirects, as browsers do."""

    async def submit(self, page: str, action: str, /, **fields: str) -> httpx.Response:
        """Sends the form that posts to `action` as it stands on the page, with what was typed."""
        return await self.post(action, data={**fields_of(page, action), **fields})

    async def who_form(self, schedule: Row, places: int = 1, code: str = "") -> str:
        """The second step's page."""
        path = f"/book/{schedule['id']}/who"
        return (await self.get(path, params={"places": str(places), "code": code})).text

    async def book(self, schedule: Row, places: int = 1, code: str = "", **who: str) -> str:
        """From the second step to the third: places are held. Answers the order's reference."""
        form = await self.who_form(schedule, places, code)
        answer = await self.submit(form, f"/book/{schedule['id']}/who", **{**AMINA, **who})
        assert answer.url.path.endswith("/attendees"), words(answer.text)
        return answer.url.path.split("/")[2]

    async def press(self, reference: str, action: str, /, *, page: str = "/review", **fields: str) -> httpx.Response:
        """Presses a button of the order's page that posts to `…/<action>`."""
        shown = await self.get(f"/orders/{reference}{page}")
        return await self.submit(shown.text, f"/orders/{reference}/{action}", **fields)

    async def go_to_payment(self, reference: str) -> str:
        """Presses Pay; answers the address that the browser is sent to."""
        shown = (await self.get(f"/orders/{reference}/review")).text
        path = f"/orders/{reference}/pay"
        answer = await self.post(path, data=fields_of(shown, path), follow_redirects=False)
        assert answer.status_code == 303
        return answer.headers["location"]

    async def state(self, reference: str) -> str:
        """The heading of the order's page."""
        page = (await self.get(f"/orders/{reference}")).text
        heading = re.search(r"<h1>(.*?)</h1>", page)
        assert heading, words(page)
        return unescape(heading[1])


@dataclass
class Stripe:
    """The hosted page, and what may go wrong behind it."""

    ledger: Ledger
    db: Db
    address: str

    def page_of(self, reference: str) -> str:
        """Stripe's id of the order's newest payment page."""
        query = """
            select attempt.stripe_session_id as id from checkout_attempts as attempt
              join orders as placed on placed.id = attempt.order_id
             where placed.reference = %s order by attempt.id desc limit 1
            """
        return str(one(self.db, query, reference)["id"])

    def pay(self, reference: str, **how: Any) -> str:
        """Presses the pay button of the hosted page; answers what came of it."""
        return self.ledger.pay(self.page_of(reference), **how).result

    def is_out_of_reach(self) -> None:
        self.ledger.fault("answer", times=10, status=500)

    def is_back(self) -> None:
        self.ledger.clear_faults()


def one(db: Db, query: str, *values: object) -> Row:
    row = db.execute(query, values).fetchone()
    assert row is not None, "the statement returns a row"
    return row


def seats_taken(db: Db, schedule: Row) -> int:
    return int(
        one(db, "select current_capacity from course_schedules where id = %s", schedule["id"])["current_capacity"]
    )


def statuses(db: Db, reference: str) -> list[str]:
    query = """
        select booking.status from bookings as booking
          join order_bookings as seat on seat.booking_id = booking.id
          join orders as placed on placed.id = seat.order_id
         where placed.reference = %s order by seat.position
        """
    return [row["status"] for row in db.execute(query, (reference,)).fetchall()]


def end_hold(db: Db, reference: str) -> None:
    """Moves the data, not the clock: the hold of the order was over a moment ago."""
    db.execute(
        "update orders set hold_expires_at = localtimestamp - interval '1 second' where reference = %s", (reference,)
    )
