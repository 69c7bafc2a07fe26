"""Puts the application together: pages at the root, the JSON API under /api/v1, and the middleware around both."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import cache

from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute

from rft import jobs
from rft.accounts import office_pages as office_people_pages
from rft.accounts import office_token_pages as api_token_pages
from rft.accounts import pages_link as sign_in_link_pages
from rft.accounts import pages_password, pages_second_factor
from rft.accounts import pages_profile as profile_pages
from rft.accounts.pages import router as accounts_pages
from rft.analytics import pages as consent_pages
from rft.analytics.counting import CountVisits
from rft.analytics.queue import EventQueue
from rft.api import PATH as API_PATH
from rft.api import create_api
from rft.attendance import office_pages as office_register_pages
from rft.attendance import pages as register_pages
from rft.attendance import pages_courses as teaching_pages
from rft.audit.pages import router as activity_pages
from rft.bookings import office_list as office_booking_list
from rft.bookings import office_orders as office_order_list
from rft.bookings import office_pages as office_booking_pages
from rft.bookings import pages as places_pages
from rft.bookings import pages_dates as date_pages
from rft.bookings import pages_order as order_pages
from rft.bookings import pages_who as who_pages
from rft.certificates import office_certificates
from rft.certificates import office_pages as office_completion_pages
from rft.certificates import pages as certificate_pages
from rft.changes import office_pages as office_change_pages
from rft.changes import office_pages_dates as office_date_change_pages
from rft.changes import pages as change_pages
from rft.courses import office_pages as office_course_pages
from rft.database.arming import disarmed, is_armed
from rft.database.pool import Database
from rft.desk import office_pages as office_desk_pages
from rft.desk import pages_several as office_several_pages
from rft.discounts import office_pages as office_discount_pages
from rft.discounts import pages_generate as office_code_pages
from rft.discounts import pages_offers as office_offer_pages
from rft.discounts import pages_prices as office_price_pages
from rft.evidence import office_pages as office_evidence_pages
from rft.feedback import office_pages as office_feedback_pages
from rft.feedback import pages as feedback_pages
from rft.instructors import office_pages as office_instructor_pages
from rft.instructors import pages as instructor_pages
from rft.invoices import office_pages as office_invoice_pages
from rft.invoices import pages as invoice_pages
from rft.kit.passwords import Passwords
from rft.learners import office_pages as office_learner_pages
from rft.learners import pages as learner_pages
from rft.learners import pages_account as account_pages
from rft.notifications import office_pages as mail_text_pages
from rft.notifications import pages_calendar as calendar_pages
from rft.notifications.pages import router as notification_pages
from rft.operations import health, pages, pages_rules, pages_settings, pages_system, pages_today
from rft.operations import pages_public as public_pages
from rft.operations.serving import leave_with_parent
from rft.organisations import office_pages as office_organisation_pages
from rft.passports import pages as passport_pages
from rft.passports import pages_account as passport_account_pages
from rft.passports import pages_booking as passport_booking_pages
from rft.payments import office_pages as office_payment_pages
from rft.payments import pages as payment_pages
from rft.payments import refund_pages as office_refund_pages
from rft.payments.gateway import Gateway
from rft.planning import pages as date_form_pages
from rft.planning import pages_calendar as office_calendar_pages
from rft.planning import pages_feed as feed_pages
from rft.planning import pages_replace as replace_pages
from rft.planning import pages_requests as request_pages
from rft.planning import pages_series as series_pages
from rft.privacy import pages as privacy_pages
from rft.receivables import office_bank_pages
from rft.receivables import office_pages as office_receivable_pages
from rft.reconciliation import office_pages as reconciliation_pages
from rft.reconciliation import pages_money, pages_payments
from rft.reports import office_pages as report_pages
from rft.requalification import office_pages as office_expiry_pages
from rft.requalification import pages as renewal_pages
from rft.schedules import office_pages as office_schedule_pages
from rft.schedules import pages as schedules_pages
from rft.schedules import pages_courses as course_pages
from rft.search import pages as search_pages
from rft.settings import Settings, SettingsError
from rft.venues import office_pages as office_venue_pages
from rft.waiting import office_pages as office_waiting_pages
from rft.waiting import pages as waiting_pages
from rft.web import assets, gallery
from rft.web.company import CompanyProfile
from rft.web.dependencies import begin_visit
from rft.web.heads import HeadsOfPages
from rft.web.logs import configure_logs
from rft.web.metrics import Metrics
from rft.web.problems import HANDLERS
from rft.web.security.addresses import require_readable
from rft.web.security.areas import ClosedAreas
from rft.web.security.body_limit import BodyLimit
from rft.web.security.headers import SecurityHeaders
from rft.web.watch import Watch

# Each feature's pages, by hand: what is not written here is not reachable. The API's are in api.py.
PAGES: tuple[APIRouter, ...] = (
    # An address with a word in it (.../schedules/new) is tried before one with an id in its place.
    pages.router,
    accounts_pages,
    pages_second_factor.router,
    pages_password.router,
    api_token_pages.router,
    sign_in_link_pages.router,
    profile_pages.router,
    notification_pages,
    public_pages.router,
    date_pages.router,
    schedules_pages.router,
    course_pages.router,
    places_pages.router,
    who_pages.router,
    order_pages.router,
    payment_pages.router,
    calendar_pages.router,
    pages_today.router,
    pages_rules.router,
    search_pages.router,
    pages_system.router,
    pages_settings.router,
    mail_text_pages.router,
    office_desk_pages.router,
    office_several_pages.router,
    office_booking_list.router,
    office_order_list.router,
    office_booking_pages.router,
    office_payment_pages.router,
    invoice_pages.router,
    office_invoice_pages.router,
    office_refund_pages.router,
    office_completion_pages.router,
    office_certificates.router,
    certificate_pages.router,
    office_evidence_pages.router,
    renewal_pages.router,
    feedback_pages.router,
    office_feedback_pages.router,
    office_expiry_pages.router,
    date_form_pages.router,
    series_pages.router,
    office_calendar_pages.router,
    feed_pages.router,
    office_schedule_pages.router,
    office_register_pages.router,
    register_pages.router,
    teaching_pages.router,
    office_organisation_pages.router,
    office_receivable_pages.router,
    office_bank_pages.router,
    office_code_pages.overview,
    office_code_pages.router,
    office_discount_pages.router,
    office_offer_pages.router,
    office_price_pages.router,
    pages_money.router,
    pages_payments.router,
    reconciliation_pages.router,
    report_pages.router,
    activity_pages,
    consent_pages.router,
    gallery.router,
    office_course_pages.router,
    office_venue_pages.router,
    office_people_pages.router,
    privacy_pages.router,
    change_pages.router,
    office_change_pages.router,
    office_date_change_pages.router,
    office_instructor_pages.router,
    instructor_pages.router,
    replace_pages.router,
    request_pages.office,
    request_pages.router,
    learner_pages.router,
    account_pages.router,
    office_learner_pages.router,
    passport_pages.router,
    passport_booking_pages.router,
    passport_account_pages.router,
    passport_account_pages.public_router,
    waiting_pages.router,
    office_waiting_pages.router,
)


def create_app(settings: Settings, database: Database | None = None) -> FastAPI:
    """The application. A database that is handed in stays open when the application stops."""
    require_proxies(settings)
    configure_logs()
    pool = database or Database(settings.database_url)
    app = FastAPI(
        openapi_url=None,
        exception_handlers=HANDLERS,
        redirect_slashes=False,
        lifespan=_lifespan_of(settings, pool, keeps_open=database is not None),
    )
    metrics = Metrics(pool)
    app.state.settings = settings
    app.state.is_disarmed = False
    app.state.database = pool
    app.state.replica = Database(settings.replica_url, size=4) if settings.replica_url else None
    app.state.company = CompanyProfile(pool)
    app.state.passwords = Passwords()
    app.state.gateway = Gateway(settings)
    app.state.metrics = metrics
    app.state.events = EventQueue(pool)
    metrics.register(app.state.events)
    _add_routes(app)
    # The last one added is the outermost.
    app.add_middleware(HeadsOfPages)
    app.add_middleware(CountVisits, events=app.state.events)
    app.add_middleware(BodyLimit)
    app.add_middleware(ClosedAreas)
    app.add_middleware(Watch, metrics=metrics, demo=settings.demo)
    app.add_middleware(SecurityHeaders, settings=settings)
    return app


def from_environment() -> FastAPI:
    """What a web server's process starts from."""
    leave_with_parent()
    return create_app(Settings.from_environment())


def _add_routes(app: FastAPI) -> None:
    # Routes are tried in this order: the API first, since it is asked most.
    api = create_api()
    api.state = app.state
    app.mount(API_PATH, api)
    app.add_route("/static/{digest}/{name:path}", assets.serve, include_in_schema=False)
    app.router.routes.extend(_page_routes())
    health.add_to(app)


@cache
def _page_routes() -> list[BaseRoute]:
    """Worked out once a process: what each route needs costs FastAPI more than a page does."""
    site = FastAPI(openapi_url=None, default_response_class=HTMLResponse, dependencies=[Depends(begin_visit)])
    for router in PAGES:
        site.include_router(router)
    return list(site.router.routes)


def _lifespan_of(
    settings: Settings, pool: Database, *, keeps_open: bool
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await pool.open()
            if not keeps_open:
                stack.push_async_callback(pool.close)
            allowed = settings if await is_armed(pool) else disarmed(settings)
            if allowed is not settings:
                app.state.settings, app.state.gateway, app.state.is_disarmed = allowed, Gateway(allowed), True
            if app.state.replica is not None:
                # A replica that is not there must not keep the shop shut: reports then read the main database.
                await app.state.replica.open(wait=False)
                stack.push_async_callback(app.state.replica.close)
            await stack.enter_async_context(app.state.gateway)
            await stack.enter_async_context(app.state.events.running())
            if allowed.jobs:
                await stack.enter_async_context(jobs.running(allowed, pool))
            yield

    return lifespan


def require_proxies(settings: Settings) -> None:
    """Raises SettingsError where RFT_TRUSTED_PROXIES cannot be read."""
    try:
        require_readable(settings.trusted_proxies)
    except ValueError as cause:
        raise SettingsError(
            f"RFT_TRUSTED_PROXIES names no networks: {settings.trusted_proxies!r}.",
            "Write addresses or networks with commas between them, such as 127.0.0.1,10.0.0.0/8.",
        ) from cause
