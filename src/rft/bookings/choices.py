"""What a customer chose, or the nearest that can be had, with a sentence for each thing that cannot."""

from dataclasses import dataclass
from datetime import date, datetime

from pydantic import TypeAdapter, ValidationError

from rft.bookings.errors import ScheduleFull
from rft.bookings.quotes import Quote, get_quote
from rft.bookings.schemas import MOST_SEATS
from rft.database.pool import Connection
from rft.discounts.errors import DiscountNotValid
from rft.discounts.rules import Offer
from rft.kit.clock import london_today
from rft.kit.fields import Code
from rft.schedules.queries import Schedule, get_schedule

_CODE: TypeAdapter[str] = TypeAdapter(Code)


@dataclass(frozen=True, slots=True)
class Choice:
    """`places` and `code` are those of the quote; `errors` says why they are not those that were asked for."""

    schedule: Schedule
    quote: Quote
    places: int
    code: str
    errors: dict[str, str]

    @property
    def query(self) -> dict[str, str]:
        """For the address of the next step."""
        return {"places": str(self.places)} | ({"code": self.code} if self.code else {})

    def may_have(self, offer: Offer, today: date) -> bool:
        """Whether the offer is for this date; it may still need more places."""
        first_day = london_today(self.schedule.start_datetime)
        return offer.is_for(self.schedule.course_id, first_day=first_day, london_day=today)


def read_places(text: str) -> int | None:
    """1 to 12; None for anything else."""
    text = text.strip()
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
    return number if 1 <= number <= MOST_SEATS else None


async def choose(
    db: Connection, schedule_id: int, places: int, code: str, now: datetime, user_id: int | None = None
) -> Choice:
    """Raises NotFound for an unknown date or a draft, and what get_quote raises where not a single place can be had."""
    schedule = await get_schedule(db, schedule_id)
    errors: dict[str, str] = {}
    if code and not _is_code(code):
        code, errors["code"] = "", DiscountNotValid.sentence
    while True:
        try:
            quote = await get_quote(db, schedule_id, places, code or None, now=now, user_id=user_id)
        except DiscountNotValid as refusal:
            code, errors["code"] = "", refusal.detail
        except ScheduleFull as refusal:
            places = int(refusal.facts["seats_left"])
            if places <= 0:
                raise
            errors["places"] = (
                "Only 1 place is left on this date." if places == 1 else f"Only {places} places are left on this date."
            )
        else:
            return Choice(schedule, quote, places, code, errors)


def _is_code(code: str) -> bool:
    try:
        _CODE.validate_python(code)
    except ValidationError:
        return False
    return True
