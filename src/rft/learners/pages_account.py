"""A customer's account: courses, certificates, invoices, and all that we hold of them as a file."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rft.certificates.checking import file_token
from rft.kit.clock import london_today, utc_now
from rft.learners import account
from rft.organisations.queries import organisations_of
from rft.web.dependencies import CurrentSettings, Db, SignedIn
from rft.web.templates import render

router = APIRouter(prefix="/account")


@router.get("/courses")
async def courses(request: Request, user: SignedIn, database: Db) -> Response:
    async with database.connection() as db:
        orders = await account.list_orders(db, user)
        seats = await account.list_seats(db, user)
        organisations = await organisations_of(db, user.id)
    return render(
        request, "account/courses.html", orders=orders, seats=seats, organisations=organisations, now=utc_now()
    )


@router.get("/certificates")
async def certificates(request: Request, user: SignedIn, database: Db, settings: CurrentSettings) -> Response:
    async with database.connection() as db:
        held = await account.list_certificates(db, user)
    files = {one.number: f"/certificates/{one.number}/file?token={file_token(settings, one.number)}" for one in held}
    return render(request, "account/certificates.html", held=held, files=files, today=london_today(utc_now()))


@router.get("/invoices")
async def invoices(request: Request, user: SignedIn, database: Db) -> Response:
    async with database.connection() as db:
        found = await account.list_invoices(db, user)
    return render(request, "account/invoices.html", invoices=found, today=london_today(utc_now()))


@router.get("/data.json")
async def data(user: SignedIn, database: Db) -> Response:
    async with database.connection() as db:
        held = await account.read_own_data(db, user)
    headers = {"content-disposition": 'attachment; filename="my-data.json"', "cache-control": "private, no-store"}
    return JSONResponse(held, headers=headers)
