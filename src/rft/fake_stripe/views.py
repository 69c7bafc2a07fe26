"""How objects leave the API: lists with cursors, `expand[]`, and fields that time alone decides."""

from dataclasses import dataclass, field
from typing import Any

from rft.fake_stripe import balance, payouts
from rft.fake_stripe.books import Books, Thing, shown
from rft.fake_stripe.parameters import Parameters
from rft.fake_stripe.refusals import Refused

MOST_LISTED = 100
DEEPEST_EXPANSION = 4
BOUNDS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
BEYOND = {
    "starting_after": "position < (select position from objects where id = ?)",
    "ending_before": "position > (select position from objects where id = ?)",
}
EXPANDABLE = {
    "checkout.session": {"payment_intent", "customer", "invoice", "payment_link", "setup_intent", "subscription"},
    "payment_intent": {"latest_charge", "customer", "application", "on_behalf_of", "review"},
    "charge": {"payment_intent", "balance_transaction", "failure_balance_transaction", "customer", "review"},
    "refund": {"payment_intent", "charge", "balance_transaction", "failure_balance_transaction"},
    "dispute": {"payment_intent", "charge"},
    "balance_transaction": {"source"},
    "payout": {"balance_transaction"},
}

# Whose state time alone changes.
BY_TIME = {"balance_transaction": balance.as_of_now, "payout": payouts.as_of_now}


@dataclass(frozen=True)
class Collection:
    """One kind of object as `GET /v1/…` lists it; each filter is a parameter and the JSON path it compares."""

    kind: str
    url: str
    filters: dict[str, str] = field(default_factory=dict)


def page(books: Books, collection: Collection, given: Parameters) -> Thing:
    """Newest first, `limit` at a time, after or before a given id."""
    limit = given.whole("limit", least=1, most=MOST_LISTED) or 10
    where, values = conditions(collection, given)
    after, before = given.text("starting_after"), given.text("ending_before")
    if after is not None and before is not None:
        raise Refused(
            "You cannot parameterize a list with both starting_after and ending_before.", param="ending_before"
        )
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None:
            books.get(collection.kind, cursor, name)
            where.append(BEYOND[name])
            values.append(cursor)
    paths = given.texts("expand")
    given.require_nothing_else()
    order = "asc" if before is not None else "desc"
    rows = books.connection.execute(
        f"select id from objects where {' and '.join(where)} order by position {order} limit ?",  # noqa: S608 - own names
        (*values, limit + 1),
    ).fetchall()
    ids = [row["id"] for row in rows[:limit]]
    things = [books.get(collection.kind, thing_id) for thing_id in (reversed(ids) if before is not None else ids)]
    inner = [path.removeprefix("data.") for path in paths if path.startswith("data.")]
    data = [present(books, thing, inner) for thing in things]
    return {"object": "list", "url": collection.url, "has_more": len(rows) > limit, "data": data}


def conditions(collection: Collection, given: Parameters) -> tuple[list[str], list[Any]]:
    where, values = ["kind = ?"], [collection.kind]
    for name, path in collection.filters.items():
        value = given.text(name)
        if value is not None:
            # Event types may be given as a pattern: "charge.*".
            where.append(f"json_extract(body, '{path}') {'glob' if '*' in value else '='} ?")
            values.append(value)
    types = given.texts("types") if collection.kind == "event" else []
    if types:
        where.append(f"json_extract(body, '$.type') in ({', '.join('?' for _ in types)})")
        values.extend(types)
    if given.holds_object("created"):
        bounds = given.inner("created")
        for name, sign in BOUNDS.items():
            bound = bounds.whole(name) if bounds else None
            if bound is not None:
                where.append(f"created {sign} {bound}")
    elif (exactly := given.whole("created")) is not None:
        where.append(f"created = {exactly}")
    return where, values


def present(books: Books, thing: Thing, expand: list[str]) -> Thing:
    """An object as a client sees it, with the fields named in `expand` filled in."""
    by_time = BY_TIME.get(thing["object"])
    answer = shown(by_time(books, thing) if by_time else thing)
    for path in expand:
        if path.count(".") >= DEEPEST_EXPANSION:
            raise Refused(f"You cannot expand more than {DEEPEST_EXPANSION} levels of a property.", param="expand")
    for name in dict.fromkeys(path.split(".", 1)[0] for path in expand):
        below = [path.split(".", 1)[1] for path in expand if path.startswith(f"{name}.")]
        answer[name] = expanded(books, thing, name, below)
    return answer


def expanded(books: Books, thing: Thing, name: str, below: list[str]) -> Any:
    if thing["object"] == "checkout.session" and name == "line_items":
        return line_items(thing)
    if thing["object"] == "charge" and name == "refunds":
        found = [present(books, refund, below) for refund in books.each("refund", charge=thing["id"])]
        return {"object": "list", "url": f"/v1/charges/{thing['id']}/refunds", "has_more": False, "data": found[::-1]}
    if name not in EXPANDABLE.get(thing["object"], set()):
        raise Refused(f"This property cannot be expanded ({name}).", param="expand")
    inner = books.find(thing[name]) if thing.get(name) else None
    return present(books, inner, below) if inner else thing.get(name)


def line_items(session: Thing) -> Thing:
    data = [shown(item) for item in session["_line_items"]]
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return {"object": "list", "url": url, "has_more": False, "data": data}
