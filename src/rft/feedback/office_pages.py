"""What people thought, for the office: by course and by instructor, with how many answered, and the comments."""

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.feedback.queries import count_asked, list_comments, read_results
from rft.feedback.rules import QUESTIONS
from rft.feedback.service import take_out_comment
from rft.web.dependencies import Admin, Db, require_role
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/feedback", dependencies=[Depends(require_role("admin"))])


@router.get("")
async def index(request: Request, database: Db) -> Response:
    async with database.connection() as db:
        results = await read_results(db)
        comments = await list_comments(db)
        asked, answered = await count_asked(db)
    return render(
        request,
        "office/feedback/index.html",
        results=results,
        comments=comments,
        asked=asked,
        answered=answered,
        questions=QUESTIONS,
    )


@router.post("/{answer_id}/take-out")
async def take_out(answer_id: str, request: Request, database: Db, admin: Admin) -> Response:
    await database.run(lambda db: take_out_comment(db, admin.actor, answer_id))
    response = see_other("/office/feedback")
    flash(request, response, "success", "The comment is taken out; the figures stay.")
    return response
