"""The office's page of bank lines: statements are sent in, orders proposed for each line, and what a person confirms is paid."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from rft.database.pool import Database
from rft.errors import NotValid, Refusal
from rft.kit.money import in_words
from rft.kit.pages import Window, page_of
from rft.receivables.bank import import_statement, read_statement, set_line_aside, settle_line, take_line_back
from rft.receivables.bank_queries import LineState, count_lines, list_lines, list_owed, list_statements
from rft.receivables.errors import StatementNotValid
from rft.receivables.matching import propose
from rft.web.dependencies import Admin, Db, require_role
from rft.web.lists import ById, address, neighbours
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/bank", dependencies=[Depends(require_role("admin"))])
Typed = Annotated[str, Form()]
_STATES: dict[LineState, str] = {"open": "To match", "matched": "Matched", "aside": "Set aside", "out": "Paid out"}
_AT_ONCE = 25
_LONGEST_REASON = 300


@router.get("")
async def index(request: Request, database: Db, window: ById, state: LineState = "open") -> Response:
    return await _bank_page(request, database, window, state)


async def _bank_page(
    request: Request,
    database: Database,
    window: Window | None = None,
    state: LineState = "open",
    *,
    refusal: Refusal | None = None,
    at_line: int | None = None,
    typed: str = "",
) -> Response:
    """After a refused act with its sentence; `at_line` is the line it was about, and `typed` what was written there."""
    window = Window(window.key, window.backwards, _AT_ONCE) if window else Window(size=_AT_ONCE)
    async with database.connection() as db:
        page = page_of(await list_lines(db, window, state), window, lambda line: line.id)
        owed = await list_owed(db) if state == "open" else []
        counts = await count_lines(db)
        statements = await list_statements(db)
    return render(
        request,
        "office/bank/index.html",
        refusal.status if refusal else 200,
        page=page,
        proposals={line.id: propose(line.text, line.left_over, owed) for line in page.rows},
        statements=statements,
        state=state,
        here=address("/office/bank", {"state": state}),
        tabs=[(text, address("/office/bank", {"state": one}), counts[one]) for one, text in _STATES.items()],
        links=neighbours("/office/bank", {"state": state}, page),
        refusal=refusal,
        wrong=refusal.wrong if isinstance(refusal, StatementNotValid) else [],
        at_line=at_line,
        typed=typed,
    )


@router.post("/statements")
async def send_in(
    request: Request, database: Db, admin: Admin, statement: Annotated[UploadFile | None, File()] = None
) -> Response:
    try:
        if statement is None or not statement.filename:
            raise StatementNotValid("Choose the file that your bank gave you.")
        name = statement.filename
        content = read_statement(await statement.read())
        imported = await database.run(lambda db: import_statement(db, admin.actor, name, content))
    except Refusal as refusal:
        return await _bank_page(request, database, refusal=refusal)
    known = imported.lines - imported.new
    text = f"{imported.new} new {'line' if imported.new == 1 else 'lines'} of {imported.lines}" + (
        f"; {known} had been imported before." if known else "."
    )
    return _said(request, text)


@router.post("/lines/{line_id}/match")
async def match(line_id: Id, request: Request, database: Db, admin: Admin, reference: Typed = "") -> Response:
    try:
        if not reference.strip():
            raise NotValid(
                "Enter the reference of the order.", errors={"reference": "Enter the reference of the order."}
            )
        order, taken = await settle_line(database, request.app.state.gateway, admin.actor, line_id, reference)
    except Refusal as refusal:
        return await _bank_page(request, database, refusal=refusal, at_line=line_id, typed=reference)
    return _said(request, f"{in_words(taken)} is in the ledger, and order {order.reference} is {order.standing}.")


@router.post("/lines/{line_id}/set-aside")
async def set_aside(line_id: Id, request: Request, database: Db, admin: Admin, reason: Typed = "") -> Response:
    said = " ".join(reason.split())
    try:
        if not 0 < len(said) <= _LONGEST_REASON:
            sentence = "Say in a few words why this line is for no order."
            raise NotValid(sentence, errors={"reason": sentence})
        await database.run(lambda db: set_line_aside(db, admin.actor, line_id, said))
    except Refusal as refusal:
        return await _bank_page(request, database, refusal=refusal, at_line=line_id)
    return _said(request, "The line is set aside.")


@router.post("/lines/{line_id}/take-back")
async def take_back(line_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    await database.run(lambda db: take_line_back(db, admin.actor, line_id))
    return _said(request, "The line waits to be matched again.")


def _said(request: Request, text: str) -> Response:
    response = see_other("/office/bank")
    flash(request, response, "success", text)
    return response
