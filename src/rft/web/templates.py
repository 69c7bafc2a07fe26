"""Draws pages: one Jinja environment that escapes everything and knows no undefined name, and `render`."""

from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from rft.kit import money
from rft.kit.clock import day_in_words, span_in_words, to_london
from rft.kit.references import new_token
from rft.web.assets import assets
from rft.web.security.csrf import FIELD
from rft.web.security.sessions import second_factor_due
from rft.web.visits import Visit

_FOLDER = Path(__file__).parent.parent / "templates"


def render(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """The page. Templates also have `current_user` (None: a stranger), `path`, `flashes`, `company`, `practising`, `is_disarmed`,
    `csrf_input()`, `consent`, and `second_factor_due`: until when this person may work without one, where that is so.

    `flashes` are shown once: the answer takes their cookie away.
    """
    visit: Visit = request.scope["state"]["visit"]

    def csrf_input() -> Markup:
        return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, visit.csrf_token())

    page = environment().get_template(template)
    html = page.render(
        current_user=visit.user,
        path=request.url.path,
        flashes=visit.flashes,
        company=visit.company,
        practising=request.app.state.settings.practising,
        is_disarmed=request.app.state.is_disarmed,
        second_factor_due=second_factor_due(visit.user, request.app.state.settings) if visit.user else None,
        csrf_input=csrf_input,
        consent=visit.consent,
        **context,
    )
    response = HTMLResponse(html, status)
    visit.finish(request, response)
    return response


@cache
def environment() -> Environment:
    """The pages' own; what draws mails has another, for other readers."""
    found = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["asset"] = assets().path
    # For web.idempotency.form_once: what this very form is known by when it is sent twice.
    found.globals["new_form_key"] = new_token
    found.filters.update(
        money=money.in_words,
        london_date=london_date,
        london_day=london_day,
        london_time=london_time,
        london_datetime=london_datetime,
        span=lambda schedule: span_in_words(*schedule),
        pluralise=pluralise,
    )
    return found


def london_date(moment: datetime | date) -> str:
    """`Tuesday 1 December 2026`, from a stored UTC time or a day."""
    return day_in_words(_day(moment))


def london_day(moment: datetime | date) -> str:
    """`1 December 2026`."""
    day = _day(moment)
    return f"{day.day} {day:%B %Y}"


def london_time(moment: datetime) -> str:
    """`09:30`."""
    return f"{to_london(moment):%H:%M}"


def london_datetime(moment: datetime) -> str:
    """`1 December 2026, 09:30`."""
    return f"{london_day(moment)}, {london_time(moment)}"


def pluralise(number: int, one: str, many: str = "") -> str:
    """`3|pluralise("place")` → `3 places`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def _day(moment: datetime | date) -> date:
    return to_london(moment).date() if isinstance(moment, datetime) else moment
