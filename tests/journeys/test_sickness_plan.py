"""Ben falls ill: Carol finds a stand-in for a date of his with the keyboard alone, and sees the mails go."""

import re
from collections.abc import Callable

from tests.journeys.test_book_pay_mail_admin import sign_in_as_carol
from tests.journeys.visiting import Visitor

Come = Callable[..., Visitor]


def test_carol_puts_a_stand_in_on_a_date_with_the_keyboard_alone(visitor: Come) -> None:
    carol = sign_in_as_carol(visitor)
    carol.go("/office/instructors")
    carol.follow("Ben Ashworth")
    carol.look()
    carol.click(carol.page.get_by_role("table", name="Dates", exact=True).get_by_role("link"))
    press(carol, "link", "Find a stand-in")
    carol.is_on("Somebody or something falls out")
    press(carol, "button", "Show what can be done")
    carol.is_on("Ben Ashworth is away")
    carol.look()
    press(carol, "button", "Look it over")
    carol.is_on("Look over the plan")
    carol.reads("Ben Ashworth is on record as away (sickness)")
    carol.look()
    press(carol, "button", "Carry out the plan")
    carol.is_on("Ben Ashworth")
    carol.reads("everybody concerned is being told by e-mail")
    carol.reads("Sickness")
    carol.go("/office/outbox")
    carol.reads_soon("You no longer teach this date")


def press(carol: Visitor, role: str, name: str) -> None:
    """With Tab and Enter; the focus can be seen on the way."""

    wanted = carol.page.get_by_role(role, name=re.compile(f"^{name}"))  # type: ignore[arg-type]
    carol.tab_to(wanted.first)
    carol.strike("Enter")
