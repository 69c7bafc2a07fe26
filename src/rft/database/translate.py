"""From what PostgreSQL says to what a person reads: constraint names become refusals, driver text never gets out."""

import json

import psycopg

from rft.database.constraints import FIELDS
from rft.errors import Busy, NotValid, Refusal


def refusal_from(cause: psycopg.Error) -> Exception:
    """The refusal that a database error stands for; the error itself where it is a fault of ours and no rule's no."""
    if isinstance(
        cause, psycopg.errors.QueryCanceled | psycopg.errors.LockNotAvailable | psycopg.errors.TransactionRollback
    ):
        return Busy()
    if isinstance(cause, psycopg.OperationalError):
        return Busy()
    if isinstance(cause, psycopg.errors.UntranslatableCharacter | psycopg.errors.NumericValueOutOfRange):
        return NotValid("That text or number cannot be stored.")
    if not isinstance(cause, psycopg.IntegrityError):
        return cause
    name = cause.diag.constraint_name or ""
    facts = _facts(cause.diag.message_detail)
    # Only the sentences written in the rules' own SQL are fit for a person; they come with a JSON object of facts.
    sentence = cause.diag.message_primary if facts is not None else None
    kind = register().get(name)
    if kind is not None:
        return kind(sentence, facts=facts)
    if name in FIELDS:
        field, text = FIELDS[name]
        return NotValid(text, code=name, errors={field: text} if field else {})
    return cause


def register() -> dict[str, type[Refusal]]:
    """Every constraint name that has a refusal class of its own, from the classes that have been imported."""
    found: dict[str, type[Refusal]] = {}
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        found.update(dict.fromkeys(kind.__dict__.get("rules", ()), kind))
    return found


def _facts(detail: str | None) -> dict[str, object] | None:
    try:
        facts = json.loads(detail or "")
    except ValueError:
        return None
    return facts if isinstance(facts, dict) else None
