"""The second factor's pages: showing it at sign-in, setting one up, recovery codes."""

from typing import Annotated, Any
from urllib.parse import quote

import pyotp
from fastapi import APIRouter, Depends, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.accounts import factors, passkeys, second_factor
from rft.accounts.errors import CodeWrong, LastFactor, PasskeyRefused, PasswordWrong, StepOver
from rft.accounts.requests import HOMES, attempt_of, drop_step, put_step, read_step, with_wait
from rft.accounts.rules import plain_email
from rft.errors import Refusal, TooMany
from rft.kit.clock import utc_now
from rft.kit.qr import draw_qr
from rft.web.dependencies import Caller, ClientAddress, CurrentSettings, CurrentVisit, Db, SignedIn, require_role
from rft.web.security import sessions
from rft.web.security.devices import know_device
from rft.web.security.flashes import flash
from rft.web.security.redirects import safe_next, see_other
from rft.web.security.sessions import User
from rft.web.templates import render

router = APIRouter()
Typed = Annotated[str, Form(max_length=200)]
# A passkey's answer is some kilobytes of JSON.
Credential = Annotated[str, Form(max_length=20_000)]
Person = Annotated[Caller, Depends(require_role("customer", "instructor", "admin"))]
_WRONG = (CodeWrong, PasskeyRefused, TooMany)


@router.get("/sign-in/second")
async def ask(
    request: Request, database: Db, settings: CurrentSettings, wanted: Annotated[str, Query(alias="next")] = ""
) -> Response:
    return await _ask(request, database, settings, wanted)


@router.post("/sign-in/second")
async def show(
    request: Request,
    database: Db,
    settings: CurrentSettings,
    address: ClientAddress,
    code: Typed = "",
    credential: Credential = "",
    wanted: Annotated[str, Form(alias="next", max_length=1000)] = "",
) -> Response:
    now = utc_now()
    shown = second_factor.Shown(code=code, credential=credential)
    try:
        user, token = await second_factor.finish_sign_in(
            database, settings, read_step(request), shown, attempt_of(request, address), now
        )
    except _WRONG as refusal:
        return await _ask(request, database, settings, wanted, refusal)
    except StepOver:
        return _begin_again(request)
    response = see_other(safe_next(wanted, HOMES[user.role]))
    sessions.put_session(request, response, token)
    know_device(request, response, plain_email(user.email), now)
    drop_step(request, response)
    return response


async def _ask(request: Request, database: Any, settings: Any, wanted: str, refusal: Refusal | None = None) -> Response:
    try:
        options = await second_factor.offer_passkeys(database, settings, read_step(request), utc_now())
    except StepOver:
        return _begin_again(request)
    errors = (refusal.errors or {"": refusal.detail}) if refusal else {}
    response = render(
        request,
        "accounts/second.html",
        refusal.status if refusal else 200,
        options=options,
        errors=errors,
        wanted=safe_next(wanted, ""),
    )
    return with_wait(response, refusal) if refusal else response


def _begin_again(request: Request) -> Response:
    response = see_other("/sign-in")
    flash(request, response, "warning", "That took too long. Please sign in again.")
    return response


@router.get("/account/second-factor")
async def overview(request: Request, user: SignedIn, database: Db, settings: CurrentSettings) -> Response:
    return await _overview(request, user, database, settings)


async def _overview(
    request: Request, user: User, database: Any, settings: Any, refusal: Refusal | None = None
) -> Response:
    async with database.connection() as db:
        known = await factors.get_known(db, user.id)
        keys = await factors.list_passkeys(db, user.id)
    response = render(
        request,
        "accounts/second_factor.html",
        refusal.status if refusal else 200,
        known=known,
        keys=keys,
        can_use_passkeys=passkeys.is_possible(settings),
        is_required=settings.second_factor and user.role != "customer",
        is_staff=user.role != "customer",
        errors=(refusal.errors or {"": refusal.detail}) if refusal else {},
    )
    return with_wait(response, refusal) if refusal else response


@router.post("/account/second-factor/begin")
async def begin(
    request: Request,
    user: SignedIn,
    database: Db,
    settings: CurrentSettings,
    password: Typed = "",
    kind: Annotated[str, Form(pattern="^(authenticator|passkey|codes)$")] = "authenticator",
) -> Response:
    """Whatever changes the second factor asks for the password once more."""
    now = utc_now()
    try:
        await second_factor.require_password(database, settings, request.app.state.passwords, user, password)
    except (PasswordWrong, TooMany) as refusal:
        return await _overview(request, user, database, settings, refusal)
    if kind == "codes":
        actor = (await require_role("customer", "instructor", "admin")(request, user)).actor
        codes = await second_factor.renew_recovery_codes(database, user, actor, now)
        return render(request, "accounts/recovery_codes.html", codes=codes, added=False)
    if kind == "passkey":
        step = await second_factor.begin_passkey(database, user, now)
    else:
        step = await second_factor.begin_authenticator(database, settings, user, now)
    response = see_other(f"/account/second-factor/{kind}")
    put_step(request, response, step)
    return response


@router.get("/account/second-factor/authenticator")
async def show_authenticator(
    request: Request, user: SignedIn, visit: CurrentVisit, database: Db, settings: CurrentSettings
) -> Response:
    return await _authenticator(request, user, visit.company.name, database, settings)


@router.post("/account/second-factor/authenticator")
async def add_authenticator(
    request: Request, person: Person, visit: CurrentVisit, database: Db, settings: CurrentSettings, code: Typed = ""
) -> Response:
    step = read_step(request)
    try:
        codes = await second_factor.confirm_authenticator(
            database, settings, person.user, person.actor, step, code, visit.session_token, utc_now()
        )
    except CodeWrong as refusal:
        return await _authenticator(request, person.user, visit.company.name, database, settings, refusal)
    except StepOver:
        return _over(request)
    return _added(request, codes)


async def _authenticator(
    request: Request, user: User, company: str, database: Any, settings: Any, refusal: Refusal | None = None
) -> Response:
    try:
        secret = await second_factor.get_new_secret(database, settings, user, read_step(request), utc_now())
    except StepOver:
        return _over(request)
    address = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=company)
    return render(
        request,
        "accounts/authenticator.html",
        refusal.status if refusal else 200,
        picture=f"data:image/svg+xml,{quote(draw_qr(address, dark='#000', light='#fff', border=3, level='M'))}",
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        address=address,
        errors=refusal.errors if refusal else {},
    )


@router.get("/account/second-factor/passkey")
async def show_passkey(
    request: Request, user: SignedIn, visit: CurrentVisit, database: Db, settings: CurrentSettings
) -> Response:
    return await _passkey(request, user, visit.company.name, database, settings)


@router.post("/account/second-factor/passkey")
async def add_passkey(
    request: Request,
    person: Person,
    visit: CurrentVisit,
    database: Db,
    settings: CurrentSettings,
    credential: Credential = "",
    label: Typed = "",
) -> Response:
    try:
        codes = await second_factor.confirm_passkey(
            database, settings, person.user, person.actor, read_step(request), credential, label,
            visit.session_token, utc_now(),
        )  # fmt: skip
    except PasskeyRefused as refusal:
        return await _passkey(request, person.user, visit.company.name, database, settings, refusal)
    except StepOver:
        return _over(request)
    return _added(request, codes)


async def _passkey(
    request: Request, user: User, company: str, database: Any, settings: Any, refusal: Refusal | None = None
) -> Response:
    try:
        options = await second_factor.offer_new_passkey(
            database, settings, user, company, read_step(request), utc_now()
        )
    except StepOver:
        return _over(request)
    errors = {"": refusal.detail} if refusal else {}
    return render(request, "accounts/passkey.html", refusal.status if refusal else 200, options=options, errors=errors)


@router.post("/account/second-factor/remove")
async def remove(
    request: Request, person: Person, database: Db, settings: CurrentSettings, password: Typed = "", which: Typed = ""
) -> Response:
    passwords = request.app.state.passwords
    try:
        await second_factor.require_password(database, settings, passwords, person.user, password)
        await second_factor.remove_factor(database, settings, person.user, person.actor, which)
    except (PasswordWrong, LastFactor, TooMany) as refusal:
        return await _overview(request, person.user, database, settings, refusal)
    response = see_other("/account/second-factor")
    flash(request, response, "success", "Removed.")
    return response


def _added(request: Request, codes: list[str]) -> Response:
    """The codes are on this one page and nowhere else."""
    if codes:
        response = render(request, "accounts/recovery_codes.html", codes=codes, added=True)
    else:
        response = see_other("/account/second-factor")
        flash(request, response, "success", "Added. It is asked for at your next sign-in.")
    drop_step(request, response)
    return response


def _over(request: Request) -> Response:
    response = see_other("/account/second-factor")
    flash(request, response, "warning", StepOver.sentence)
    return response
