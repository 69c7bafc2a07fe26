"""Refusals: a rule's no, as a sentence for a person, a code for a machine and a status for HTTP."""

from collections.abc import Mapping
from typing import Any, ClassVar


class Refusal(Exception):
    """A rule's no. Each subclass is one kind of refusal; `rules` names the constraints and triggers that cause it.

    `code` is what a machine reads; where one constraint was named by the database, it is that constraint's name.
    `facts` are what the rule knew (seats left, the row in the way), `errors` the sentences by field of the form or request.
    """

    status: ClassVar[int] = 422
    title: ClassVar[str] = "This cannot be done"
    sentence: ClassVar[str] = "This cannot be done."
    # The first one is the rule's own name; the others are constraints that say the same in another way.
    rules: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        detail: str | None = None,
        *,
        code: str | None = None,
        facts: Mapping[str, Any] | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or self.sentence)
        self.detail = detail or self.sentence
        self.code = code or (self.rules[0] if self.rules else snake(type(self).__name__))
        self.facts = dict(facts or {})
        self.errors = dict(errors or {})


class NotFound(Refusal):
    status = 404
    title = "Not found"
    sentence = "There is nothing here by that name."


class NotAllowed(Refusal):
    status = 403
    title = "Not allowed"
    sentence = "Your account may not do this."


class SignInNeeded(Refusal):
    status = 401
    title = "Please sign in"
    sentence = "Please sign in first."


class SecondFactorNeeded(Refusal):
    status = 403
    title = "Please set up a second factor"
    sentence = "Accounts of staff need a second factor. Set one up under Your account; then this page opens."


class NotValid(Refusal):
    """What was sent is not right; `errors` says where."""

    title = "Please check what you entered"
    sentence = "Please check what you entered."


class ChangedMeanwhile(Refusal):
    """What is to be changed is not what it was when its form was drawn. Nothing was saved."""

    status = 409
    title = "Somebody else changed this"
    sentence = (
        "Somebody else changed this while you had it open. Nothing of yours was saved yet: compare, then save again."
    )


class TooMany(Refusal):
    """A rate limit. `facts["retry_after"]` is in seconds."""

    status = 429
    title = "Too many attempts"
    sentence = "That was too often. Please wait a little and try again."


class Busy(Refusal):
    """The database or another server could not be reached in time; nothing was done that this answer hides."""

    status = 503
    title = "Please try again in a moment"
    sentence = "We are very busy at the moment. Nothing was lost: please try again in a few seconds."


def snake(name: str) -> str:
    """`ScheduleFull` → `schedule_full`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
