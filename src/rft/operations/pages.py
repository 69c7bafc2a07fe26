"""Small pages that every site has: for robots, for finders of holes, the icon; and what each refusal means."""

from datetime import timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from rft.database.translate import register
from rft.errors import Refusal
from rft.kit.clock import utc_now
from rft.web.assets import file_response
from rft.web.dependencies import CurrentSettings, CurrentVisit
from rft.web.templates import render

router = APIRouter()

_CLOSED = ("/office", "/instructor", "/account", "/orders", "/sign-in", "/api/")
_A_DAY = "public, max-age=86400"


@router.get("/robots.txt")
async def robots() -> Response:
    lines = "".join(f"Disallow: {path}\n" for path in _CLOSED)
    return PlainTextResponse(f"User-agent: *\n{lines}", headers={"cache-control": _A_DAY})


@router.get("/favicon.ico")
async def favicon(request: Request) -> Response:
    return file_response(request, "favicon.svg", keep=_A_DAY)


@router.get("/.well-known/security.txt")
async def security_txt(visit: CurrentVisit, settings: CurrentSettings) -> Response:
    """RFC 9116. It must say when it runs out; a page that is made on request never does."""
    expires = (utc_now() + timedelta(days=180)).replace(hour=0, minute=0, second=0, microsecond=0)
    return PlainTextResponse(
        f"Contact: mailto:{visit.company.email}\nExpires: {expires.isoformat()}Z\nPreferred-Languages: en\n"
        f"Canonical: {settings.base_url}/.well-known/security.txt\n",
        headers={"cache-control": _A_DAY},
    )


@router.get("/docs/problems")
async def problems(request: Request) -> Response:
    """What the `type` of a problem+json leads to."""
    kinds = {rule: kind for rule, kind in register().items() if kind.status < 500}
    general = {kind().code: kind for kind in Refusal.__subclasses__() if not kind.rules}
    listed = sorted({**general, **kinds}.items())
    return render(request, "errors/catalogue.html", kinds=listed)
