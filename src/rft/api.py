"""The JSON API: an application of its own under /api/v1, with problem+json for errors and offline documentation."""

from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from rft import __version__
from rft.accounts import api as accounts
from rft.analytics import api as events
from rft.attendance import api as attendance
from rft.audit import api as activity
from rft.bookings import admin_api as bookings
from rft.bookings import api as orders
from rft.certificates import api as certificates
from rft.changes import api as changes
from rft.courses import api as courses
from rft.discounts import api as discounts
from rft.invoices import api as invoices
from rft.notifications import api as mails
from rft.payments import api as payments
from rft.planning import api as planning
from rft.reports import api as reports
from rft.schedules import api as schedules
from rft.venues import api as venues
from rft.web.assets import assets
from rft.web.problems import HANDLERS, PROBLEMS

PATH = "/api/v1"

# Its pictures are in its style sheet, as data; nothing comes from elsewhere.
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
_DOCS_PAGE = """<!doctype html>
<html lang="en-GB">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>API of React Fast Training</title>
  <link rel="icon" href="{icon}" type="image/png">
  <link rel="stylesheet" href="{style}">
</head>
<body>
  <main id="swagger-ui"></main>
  <script src="{bundle}"></script>
  <script src="{start}"></script>
</body>
</html>
"""


# Each feature's, by hand: what is not written here is not reachable. Tried in this order: what is asked most comes first.
ROUTERS: tuple[APIRouter, ...] = (
    orders.router,
    schedules.router,
    planning.router,
    courses.router,
    venues.router,
    discounts.router,
    bookings.router,
    payments.router,
    invoices.router,
    changes.router,
    certificates.router,
    certificates.public_router,
    accounts.router,
    activity.router,
    mails.router,
    reports.router,
    events.router,
    attendance.router,
)


class Api(FastAPI):
    """Describes, besides its calls, which of them take a token."""

    def openapi(self) -> dict[str, Any]:
        described = super().openapi()
        described["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        for path, calls in described["paths"].items():
            if path.startswith(("/admin/", "/instructor/")):
                for call in calls.values():
                    call["security"] = [{"token": []}]
        return described


def create_api() -> FastAPI:
    """The application that is mounted at PATH. It shares the outer one's state, which create_app hands it."""
    api = Api(
        title="React Fast Training",
        version=__version__,
        summary="Courses, dates, orders and certificates.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        responses=PROBLEMS,
        exception_handlers=HANDLERS,
        redirect_slashes=False,
        servers=[{"url": PATH}],
        root_path_in_servers=False,
    )
    api.router.routes.extend(_routes())
    api.add_route("/docs", _docs, include_in_schema=False)
    return api


@cache
def _routes() -> list[BaseRoute]:
    """Worked out once a process, as the pages' are."""
    whole = FastAPI(openapi_url=None, responses=PROBLEMS)
    for router in ROUTERS:
        whole.include_router(router)
    return list(whole.router.routes)


async def _docs(request: Request) -> Response:
    del request  # the page is the same for everyone
    files = assets()
    page = _DOCS_PAGE.format(
        icon=files.path("swagger/favicon-32x32.png"),
        style=files.path("swagger/swagger-ui.css"),
        bundle=files.path("swagger/swagger-ui-bundle.js"),
        start=files.path("swagger/own/start.js"),
    )
    return HTMLResponse(page, headers={"content-security-policy": _DOCS_POLICY, "cache-control": "no-cache"})
