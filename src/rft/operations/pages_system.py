"""The office's page of the system: jobs that failed, backups, checks of the rules, version and schema."""

import platform
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from rft import __version__, jobs
from rft.audit.service import record
from rft.database import revisions
from rft.kit.clock import utc_now
from rft.operations import system
from rft.web.dependencies import Admin, CurrentSettings, Db, require_role
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/system", dependencies=[Depends(require_role("admin"))])


@router.get("")
async def show(request: Request, database: Db, settings: CurrentSettings) -> Response:
    now = utc_now()
    async with database.connection() as db:
        state = await system.read_state(db)
        failed = await system.list_failed_jobs(db)
        backups = await system.list_backups(db)
        checks = await system.list_checks(db)
    return render(
        request,
        "office/system/show.html",
        state=state,
        failed=failed,
        backups=backups,
        is_late=not backups or backups[0].is_late(now),
        backup_dir=settings.backup_dir,
        keep_days=settings.backup_keep_days,
        checks=checks,
        is_current=state.revision == revisions.newest(),
        version=__version__,
        python=platform.python_version(),
    )


@router.post("/jobs/{job_id}")
async def settle_job(
    request: Request,
    database: Db,
    admin: Admin,
    job_id: Id,
    action: Annotated[Literal["retry", "give_up"], Form()],
) -> Response:
    response = see_other("/office/system")
    try:
        if action == "retry":
            await system.retry_job(database, admin.actor, job_id)
            said = "The job is in the queue again."
        else:
            await system.give_job_up(database, admin.actor, job_id)
            said = "The job is given up: nothing tries it again."
    except system.JobNotFailed as refusal:
        flash(request, response, "warning", refusal.detail)
    else:
        flash(request, response, "success", said)
    return response


@router.post("/backup")
async def back_up_now(request: Request, database: Db, settings: CurrentSettings, admin: Admin) -> Response:
    response = see_other("/office/system")
    if settings.backup_dir is None:
        flash(request, response, "warning", "RFT_BACKUP_DIR is not set: there is nowhere to put a backup.")
        return response
    async with database.transaction() as db:
        begun = await jobs.enqueue(db, "operations.back_up", queueing_lock="operations.back_up")
        await record(db, admin.actor, "backup.begin", "system", None)
    said = "A backup is being made. Look again in a moment." if begun else "A backup is about to be made already."
    flash(request, response, "success", said)
    return response
