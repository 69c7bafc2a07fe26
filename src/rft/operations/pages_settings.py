"""The office's settings: the company, VAT, cancellation policies, and what the environment has set."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft.errors import NotValid, Refusal
from rft.kit.clock import london_today, utc_now
from rft.operations import settings_policies as policies
from rft.operations.settings_company import CompanyChanged, CompanyForm, as_typed, change_company, read_company
from rft.web.dependencies import Admin, CurrentSettings, Db, require_role
from rft.web.forms import form_errors
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/settings", dependencies=[Depends(require_role("admin"))])
_COMPANY = (
    "name", "phone", "email", "address", "vat_rate", "vat_number", "bank_account_name", "bank_sort_code", "bank_account_number",
)  # fmt: skip


@router.get("")
async def show(request: Request, database: Db, settings: CurrentSettings) -> Response:
    async with database.connection() as db:
        company = await read_company(db)
        versions = await policies.list_versions(db)
    today = london_today(utc_now())
    in_force = next(version for version in versions if version.in_force_from <= today)
    return render(
        request,
        "office/settings/show.html",
        profile=company,
        versions=versions,
        in_force=in_force,
        today=today,
        terms=policies.terms,
        settings=settings,
    )


@router.get("/company")
async def show_company(request: Request, database: Db) -> Response:
    async with database.connection() as db:
        row = await read_company(db)
    return _company(request, as_typed(row), str(row["seen"]))


@router.post("/company")
async def save_company(request: Request, database: Db, admin: Admin) -> Response:
    typed = await _typed(request)
    seen = typed.pop("seen", "")
    fields = {name: typed.get(name, "") for name in _COMPANY}
    try:
        form = _read(fields)
        await database.run(lambda db: change_company(db, admin.actor, form, seen))
    except CompanyChanged as refusal:
        now = refusal.facts["now"]
        return _company(request, fields, now["seen"], refusal=refusal, theirs=as_typed(now))
    except NotValid as refusal:
        return _company(request, fields, seen, refusal=refusal)
    request.app.state.company.forget()
    response = see_other("/office/settings")
    flash(request, response, "success", "Saved. Pages, mails and invoices from now on say so.")
    return response


@router.get("/policies/new")
async def show_new_policy(request: Request, database: Db) -> Response:
    async with database.connection() as db:
        versions = await policies.list_versions(db)
    typed = policies.typed_from(versions[0], london_today(utc_now()) + timedelta(days=1))
    return _policy(request, typed)


@router.post("/policies/new")
async def add_policy(
    request: Request, database: Db, admin: Admin, action: Annotated[str, Form(max_length=10)] = "preview"
) -> Response:
    """Shows what it returns first; only then is it added."""
    typed = await _typed(request)
    try:
        policy, first = policies.read_policy(typed, london_today(utc_now()))
        if action != "add":
            return _policy(request, typed, shown=policy)
        version = await database.run(lambda db: policies.add_version(db, admin.actor, policy, first))
    except NotValid as refusal:
        return _policy(request, typed, refusal=refusal)
    except Refusal as refusal:
        return _policy(request, typed, refusal=refusal, shown=policy)
    response = see_other("/office/settings")
    flash(request, response, "success", f"Policy {version} begins on {first:%d %B %Y}. Until then the old one holds.")
    return response


@router.post("/policies/withdraw")
async def withdraw_policy(
    request: Request, database: Db, admin: Admin, version: Annotated[str, Form(max_length=20)] = ""
) -> Response:
    await database.run(lambda db: policies.withdraw_version(db, admin.actor, version))
    response = see_other("/office/settings")
    flash(request, response, "success", f"Policy {version} is taken back.")
    return response


def _read(fields: dict[str, str]) -> CompanyForm:
    """Raises NotValid, with a sentence for each field that is wrong."""
    try:
        return CompanyForm(**fields)
    except ValidationError as cause:
        raise NotValid(errors=form_errors(cause)) from cause


async def _typed(request: Request) -> dict[str, str]:
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str) and name != "csrf_token"}


def _company(
    request: Request,
    typed: dict[str, str],
    seen: str,
    *,
    refusal: Refusal | None = None,
    theirs: dict[str, str] | None = None,
) -> Response:
    return render(
        request,
        "office/settings/company.html",
        refusal.status if refusal else 200,
        typed=typed,
        seen=seen,
        refusal=refusal,
        errors=refusal.errors if refusal else {},
        theirs=theirs,
    )


def _policy(request: Request, typed: dict[str, str], *, refusal: Refusal | None = None, shown: Any = None) -> Response:
    return render(
        request,
        "office/settings/policy.html",
        refusal.status if refusal else 200,
        # A form that was not drawn by us may leave fields out.
        typed={**dict.fromkeys(policies.FIELDS, ""), **typed},
        rows=policies.ROWS,
        refusal=refusal,
        errors=refusal.errors if refusal else {},
        terms=policies.terms(shown) if shown else None,
        example=policies.example(shown) if shown else None,
    )
