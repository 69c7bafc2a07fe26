"""The office's pages about mails: the outbox, one mail in it, and the log of what the mail server answered."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from rft.audit.service import record
from rft.kit.fields import LARGEST_ID
from rft.kit.references import read_reference
from rft.notifications import service
from rft.notifications.errors import MailOnItsWay, MailOutdated
from rft.notifications.queries import (
    STATES,
    STATUSES,
    EmailLogFilter,
    find_newest_entry_to,
    find_newest_mail_to,
    get_outbox_mail,
    list_email_logs,
    list_outbox,
)
from rft.web.dependencies import Admin, CurrentSettings, Db
from rft.web.paging import Cursor
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.headers import page_policy
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office")
Typed = Annotated[str, Query(max_length=255)]
# A mail whose recipient is meant: an address that is typed goes into no address of a page, where it would be kept by browsers.
Like = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]
Recipient = Annotated[str, Form(max_length=255)]
_NOBODY = "There is no mail to this address."

# A mail's own styles are inline and it has no business with anything else: no script, no form, no request, no origin.
PREVIEW = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


@router.get("/outbox")
async def show_outbox(
    request: Request, caller: Admin, database: Db, state: Typed = "", like: Like = None, cursor: Cursor = None
) -> Response:
    async with database.connection() as db:
        listed = await list_outbox(db, state=state if state in STATES else None, like=like, cursor=cursor)
    return render(
        request,
        "office/outbox/index.html",
        listed=listed,
        state=state if state in STATES else "",
        like=like,
        tabs=[(each, _link("/office/outbox", state=each, like=like)) for each in ("", *STATES)],
        newest=_link("/office/outbox", state=state, like=like) if cursor else None,
        older=_link("/office/outbox", state=state, like=like, cursor=listed.next) if listed.next else None,
    )


@router.post("/outbox/to")
async def find_in_outbox(request: Request, caller: Admin, database: Db, recipient: Recipient = "") -> Response:
    async with database.connection() as db:
        newest = await find_newest_mail_to(db, recipient)
    return _found(request, "/office/outbox", newest)


@router.get("/outbox/{mail_id}")
async def show_mail(request: Request, caller: Admin, database: Db, settings: CurrentSettings, mail_id: Id) -> Response:
    async with database.connection() as db:
        mail = await get_outbox_mail(db, mail_id)
    page = render(request, "office/outbox/show.html", mail=mail, has_server=bool(settings.smtp_url))
    page.headers["content-security-policy"] = f"{page_policy(settings.stripe_pages)}; frame-src 'self'"
    return page


@router.get("/outbox/{mail_id}/html")
async def preview_mail(caller: Admin, database: Db, mail_id: Id) -> Response:
    async with database.connection() as db:
        mail = await get_outbox_mail(db, mail_id)
    return HTMLResponse(mail.html_body, headers={"content-security-policy": PREVIEW, "x-frame-options": "SAMEORIGIN"})


@router.get("/outbox/{mail_id}/course.ics")
async def download_calendar(caller: Admin, database: Db, mail_id: Id) -> Response:
    async with database.connection() as db:
        mail = await get_outbox_mail(db, mail_id)
    headers = {"content-disposition": 'attachment; filename="course.ics"'}
    return Response(mail.calendar or "", 200 if mail.calendar else 404, headers, "text/calendar; charset=utf-8")


@router.post("/outbox/{mail_id}/resend")
async def resend_mail(
    request: Request, caller: Admin, database: Db, settings: CurrentSettings, mail_id: Id
) -> Response:
    response = see_other(f"/office/outbox/{mail_id}")
    try:
        async with database.transaction() as db:
            mail = await get_outbox_mail(db, mail_id)
            await service.resend(db, mail_id)
            await record(db, caller.actor, "mail.resend", "outbox_mail", mail_id, old={"state": mail.state})
    except (MailOnItsWay, MailOutdated) as refusal:
        flash(request, response, "warning", refusal.detail)
    else:
        kept = "There is no mail server, so the mail is kept here."
        flash(request, response, "success", "The mail is on its way." if settings.smtp_url else kept)
    return response


@router.get("/emails")
async def show_email_log(
    request: Request,
    caller: Admin,
    database: Db,
    like: Like = None,
    status: Typed = "",
    reference: Typed = "",
    cursor: Cursor = None,
) -> Response:
    filters = EmailLogFilter(
        like=like,
        status=status if status in STATUSES else None,
        booking_reference=read_reference(reference) if reference.strip() else None,
    )
    async with database.connection() as db:
        listed = await list_email_logs(db, filters, cursor=cursor)
    chosen = {"like": like, "status": status, "reference": reference}
    return render(
        request,
        "office/emails/index.html",
        listed=listed,
        chosen=chosen,
        statuses=STATUSES,
        newest=_link("/office/emails", **chosen) if cursor else None,
        older=_link("/office/emails", **chosen, cursor=listed.next) if listed.next else None,
    )


@router.post("/emails/to")
async def find_in_log(request: Request, caller: Admin, database: Db, recipient: Recipient = "") -> Response:
    async with database.connection() as db:
        newest = await find_newest_entry_to(db, recipient)
    return _found(request, "/office/emails", newest)


def _found(request: Request, path: str, newest: int | None) -> Response:
    response = see_other(_link(path, like=newest))
    if newest is None:
        flash(request, response, "warning", _NOBODY)
    return response


def _link(path: str, **values: str | int | None) -> str:
    said = urlencode({name: value for name, value in values.items() if value})
    return f"{path}?{said}" if said else path
