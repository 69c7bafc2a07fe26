"""The rules that everything stored obeys, and whether it does: looked at on demand, in one snapshot."""

import asyncio

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.audit.service import record
from rft.database.audit import Finding, list_invariants, run_audit
from rft.errors import TooMany
from rft.kit.clock import utc_now
from rft.operations.today import find_last_check
from rft.web.dependencies import Admin, Db, require_role
from rft.web.templates import render

router = APIRouter(prefix="/office/rules", dependencies=[Depends(require_role("admin"))])

# It reads every table; two at once help nobody.
_running = asyncio.Semaphore(1)


@router.get("")
async def show(request: Request, database: Db) -> Response:
    async with database.connection() as db:
        checked = await find_last_check(db)
    return render(request, "office/rules/show.html", invariants=list_invariants(), checked=checked, findings=None)


@router.post("")
async def check(request: Request, database: Db, admin: Admin) -> Response:
    """Raises TooMany while another check runs."""
    if _running.locked():
        raise TooMany("The rules are being checked already. Please look again in a moment.", facts={"retry_after": 5})
    async with _running:
        at = utc_now()
        findings = await run_audit(database.url)
    broken = len(_broken(findings))
    async with database.transaction() as db:
        new = {"state": "broken" if broken else "hold", "total": len(findings), "broken": broken}
        await record(db, admin.actor, "rules.check", "system", None, new=new)
    return render(
        request,
        "office/rules/show.html",
        invariants=list_invariants(),
        checked=None,
        findings=sorted(findings, key=lambda finding: (finding.count == 0, finding.alarm)),
        broken=broken,
        at=at,
    )


def _broken(findings: list[Finding]) -> list[Finding]:
    """An alarm may have rows for some minutes; it asks to be looked at again."""
    return [finding for finding in findings if finding.count and not finding.alarm]
