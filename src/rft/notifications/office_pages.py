"""The office's pages of the words in mails: every kind with its preview, its versions, and a test to oneself."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from rft.errors import NotFound, NotValid, Refusal
from rft.kit.clock import utc_now
from rft.notifications import outbox
from rft.notifications.compose import Mail, one_line
from rft.notifications.facts import get_company
from rft.notifications.pages import PREVIEW
from rft.notifications.samples import write_sample
from rft.notifications.texts import EDITABLE, Text, find_text, list_texts, list_versions, require_text, save_text
from rft.web.dependencies import Admin, CurrentSettings, Db, require_role
from rft.web.security.flashes import flash
from rft.web.security.headers import page_policy
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/mail-texts", dependencies=[Depends(require_role("admin"))])
Typed = Annotated[str, Form(max_length=5000)]


@router.get("")
async def index(request: Request, database: Db) -> Response:
    async with database.connection() as db:
        texts = await list_texts(db)
    return render(request, "office/mail_texts/index.html", kinds=EDITABLE, texts=texts)


@router.get("/{email_type}")
async def show(request: Request, database: Db, settings: CurrentSettings, email_type: str) -> Response:
    _require_kind(email_type)
    async with database.connection() as db:
        text = await find_text(db, email_type)
    return await _page(request, database, settings.stripe_pages, email_type, text)


@router.get("/{email_type}/html")
async def preview(database: Db, email_type: str) -> Response:
    _require_kind(email_type)
    async with database.connection() as db:
        company, text = await get_company(db), await find_text(db, email_type)
    _, _, html = write_sample(email_type, company, text)
    return HTMLResponse(html, headers={"content-security-policy": PREVIEW, "x-frame-options": "SAMEORIGIN"})


@router.post("/{email_type}")
async def save(
    request: Request,
    database: Db,
    settings: CurrentSettings,
    admin: Admin,
    email_type: str,
    subject: Typed = "",
    introduction: Typed = "",
    version: Annotated[int, Form(ge=0, le=1_000_000)] = 0,
) -> Response:
    _require_kind(email_type)
    try:
        text = require_text(email_type, subject, introduction)
        async with database.transaction() as db:
            await save_text(db, admin.actor, email_type, text, after=version, now=utc_now())
    except Refusal as refusal:
        typed = Text(subject, introduction)
        return await _page(request, database, settings.stripe_pages, email_type, typed, refusal)
    response = see_other(f"/office/mail-texts/{email_type}")
    flash(request, response, "success", "Saved. Mails that are written from now on say so.")
    return response


@router.post("/{email_type}/test")
async def send_test(
    request: Request, database: Db, settings: CurrentSettings, admin: Admin, email_type: str
) -> Response:
    """To whoever asks, and nobody else."""
    _require_kind(email_type)
    async with database.transaction() as db:
        company, words = await get_company(db), await find_text(db, email_type)
        subject, text, html = write_sample(email_type, company, words)
        mail = Mail(
            dedupe_key=f"test:{uuid4()}",
            email_type="test",
            recipient=admin.user.email,
            subject=one_line(f"Test: {subject}")[:255],
            text_body=text,
            html_body=html,
            calendar=None,
            booking_ids=[],
        )
        await outbox.put(db, mail)
    response = see_other(f"/office/mail-texts/{email_type}")
    kept = "There is no mail server: the test is kept in the outbox."
    flash(request, response, "success", f"Sent to {admin.user.email}." if settings.smtp_url else kept)
    return response


async def _page(
    request: Request, database: Db, stripe_pages: str, email_type: str, typed: Text, refusal: Refusal | None = None
) -> Response:
    async with database.connection() as db:
        versions = await list_versions(db, email_type)
        company, kept = await get_company(db), await find_text(db, email_type)
    subject, text, _ = write_sample(email_type, company, kept)
    page = render(
        request,
        "office/mail_texts/show.html",
        refusal.status if refusal else 200,
        email_type=email_type,
        kind=EDITABLE[email_type],
        typed=typed,
        versions=versions,
        subject=subject,
        text=text,
        refusal=refusal,
        errors=refusal.errors if isinstance(refusal, NotValid) else {},
    )
    page.headers["content-security-policy"] = f"{page_policy(stripe_pages)}; frame-src 'self'"
    return page


def _require_kind(email_type: str) -> None:
    if email_type not in EDITABLE:
        raise NotFound
