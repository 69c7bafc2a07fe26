"""What the link of a reminder opens: the course that renews the certificate, its dates, and the way to stop the reminders."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.courses.queries import get_course
from rft.kit.clock import utc_now
from rft.requalification.links import renewal_token, require_renewal_token
from rft.requalification.queries import Expiring, get_expiring
from rft.requalification.service import opt_out, read_renewal
from rft.web.dependencies import CurrentSettings, Db
from rft.web.security.known_person import remember_person
from rft.web.templates import render

router = APIRouter(prefix="/renew")
Token = Annotated[str, Query(max_length=100)]


@router.get("/{number}")
async def show(request: Request, number: str, database: Db, settings: CurrentSettings, token: Token = "") -> Response:
    require_renewal_token(settings, number, token)
    async with database.connection() as db:
        renewal = await read_renewal(db, number, now=utc_now())
        course = await get_course(db, renewal.course_id, inactive=True)
    # The link may be of a certificate that has been replaced since: the pages go on with the one that stands.
    token = renewal_token(settings, renewal.expiring.number)
    response = render(request, "requalification/show.html", renewal=renewal, course=course, token=token)
    remember_person(request, response, _as_typed(renewal.expiring))
    response.headers["referrer-policy"] = "no-referrer"
    return response


@router.get("/{number}/reminders")
async def ask(request: Request, number: str, database: Db, settings: CurrentSettings, token: Token = "") -> Response:
    require_renewal_token(settings, number, token)
    async with database.connection() as db:
        expiring = await get_expiring(db, number=number)
    token = renewal_token(settings, expiring.number)
    return render(request, "requalification/reminders.html", expiring=expiring, token=token, done=False)


@router.post("/{number}/reminders")
async def stop(request: Request, number: str, database: Db, settings: CurrentSettings, token: Token = "") -> Response:
    require_renewal_token(settings, number, token)
    await database.run(lambda db: opt_out(db, number))
    async with database.connection() as db:
        expiring = await get_expiring(db, number=number)
    token = renewal_token(settings, expiring.number)
    return render(request, "requalification/reminders.html", expiring=expiring, token=token, done=True)


def _as_typed(expiring: Expiring) -> dict[str, str]:
    """The fields of the booking form."""
    first_name, _, last_name = expiring.holder.partition(" ")
    return {"first_name": first_name, "last_name": last_name, "email": expiring.email, "coming": "yes"}
