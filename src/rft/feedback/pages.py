"""The form behind the link of a mail: five questions and a text, sent once, without a name."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from rft.database.pool import Database
from rft.errors import NotValid, Refusal
from rft.feedback.queries import get_asked, list_comments, read_results
from rft.feedback.rules import FEWEST_SHOWN, QUESTIONS, SCALE, shown_to_instructor
from rft.feedback.service import LONGEST_COMMENT, answer
from rft.web.dependencies import Db, Teacher
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter()


# Before the next route, which would take "mine" for a token.
@router.get("/feedback/mine")
async def mine(request: Request, database: Db, teacher: Teacher) -> Response:
    """What people thought of the courses that they taught."""
    async with database.connection() as db:
        results = await read_results(db, instructor_id=teacher.user_id)
        comments = await list_comments(db, instructor_id=teacher.user_id)
    return render(
        request,
        "feedback/mine.html",
        results=shown_to_instructor(results["course"]),
        comments=comments,
        questions=QUESTIONS,
        fewest=FEWEST_SHOWN,
    )


@router.get("/feedback/{token}")
async def show(request: Request, token: str, database: Db) -> Response:
    return await _page(request, database, token)


@router.post("/feedback/{token}")
async def send(request: Request, token: str, database: Db) -> Response:
    form = await request.form()
    typed = {name: str(form.get(name, "")) for name in (*QUESTIONS, "comment")}
    try:
        await database.run(lambda db: answer(db, token, typed))
    except NotValid as wrong:
        return await _page(request, database, token, typed=typed, refusal=wrong)
    except Refusal as refusal:
        return await _page(request, database, token, refusal=refusal)
    return see_other(f"/feedback/{token}")


async def _page(
    request: Request,
    database: Database,
    token: str,
    *,
    typed: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    async with database.connection() as db:
        asked = await get_asked(db, token)
    response = render(
        request,
        "feedback/show.html",
        refusal.status if refusal else 200,
        asked=asked,
        token=token,
        typed=typed or {},
        errors=refusal.errors if refusal else {},
        questions=QUESTIONS,
        scale=SCALE,
        longest=LONGEST_COMMENT,
    )
    response.headers["referrer-policy"] = "no-referrer"
    return response
