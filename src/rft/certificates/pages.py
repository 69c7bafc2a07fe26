"""Anybody's pages: how a certificate stands, the text of a QR code checked, the published keys, and the holder's own file."""

from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rft.certificates.checking import CHECKS, Checked, check_number, check_token, is_file_token
from rft.certificates.errors import Forged
from rft.certificates.keys import as_published, list_public_keys
from rft.certificates.queries import get_certificate, get_file
from rft.errors import NotFound, TooMany
from rft.kit.clock import utc_now
from rft.web.dependencies import ClientAddress, CurrentSettings, Db
from rft.web.security.limits import spend_unless_local
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter()
Number = Annotated[str, Query(max_length=100)]


@router.get("/certificates")
async def index(request: Request, number: Number = "") -> Response:
    if number.strip():
        return see_other(f"/certificates/{'-'.join(number.replace('/', ' ').split())}")
    return _page(request)


@router.get("/.well-known/rft-certificate-keys.json")
async def keys(database: Db) -> Response:
    async with database.connection() as db:
        return JSONResponse(as_published(await list_public_keys(db)), headers={"cache-control": "public, max-age=3600"})


@router.post("/certificates/check")
async def check(
    request: Request, database: Db, settings: CurrentSettings, address: ClientAddress, text: Annotated[str, Form()] = ""
) -> Response:
    try:
        await spend_unless_local(database, settings, CHECKS, address)
        async with database.connection() as db:
            return _page(request, checked=await check_token(db, text[:8000], now=utc_now()), whole=True)
    except (Forged, TooMany) as refusal:
        return _page(request, refusal.status, text=text, errors={"text": refusal.detail})


@router.get("/certificates/{number}")
async def show(
    request: Request, number: str, database: Db, settings: CurrentSettings, address: ClientAddress
) -> Response:
    try:
        await spend_unless_local(database, settings, CHECKS, address)
        async with database.connection() as db:
            return _page(request, checked=await check_number(db, number, now=utc_now()))
    except (NotFound, TooMany, Forged) as refusal:
        return _page(request, refusal.status, number=number, errors={"number": refusal.detail})


@router.get("/certificates/{number}/file")
async def file(number: str, database: Db, settings: CurrentSettings, token: Number = "") -> Response:
    """Whoever has the link of the mail; everybody else hears that there is nothing here."""
    if not is_file_token(settings, number, token):
        raise NotFound
    async with database.connection() as db:
        certificate = await get_certificate(db, number)
        return pdf_answer(await get_file(db, certificate.id), number)


def pdf_answer(pdf: bytes, name: str) -> Response:
    headers = {"content-disposition": f'inline; filename="{name}.pdf"', "cache-control": "private, no-store"}
    return Response(pdf, media_type="application/pdf", headers=headers)


def _page(
    request: Request,
    status: int = 200,
    *,
    checked: Checked | None = None,
    whole: bool = False,
    number: str = "",
    text: str = "",
    errors: dict[str, str] | None = None,
) -> Response:
    return render(
        request,
        "certificates/show.html",
        status,
        checked=checked,
        whole=whole,
        number=number,
        text=text,
        errors=errors or {},
    )
