"""What can be refused about bank statements."""

from collections.abc import Sequence

from rft.errors import Refusal


class StatementNotValid(Refusal):
    """`wrong` are sentences about its rows, by number, the first ones."""

    title = "The statement cannot be read"
    sentence = "This is not a bank statement that we can read."

    def __init__(self, detail: str | None = None, wrong: Sequence[str] = ()) -> None:
        super().__init__(detail, facts={"wrong": list(wrong)})
        self.wrong = list(wrong)


class LineSpent(Refusal):
    status = 409
    title = "The line has not so much left"
    sentence = "No more can be taken from a line than it brought."
    rules = ("bank_matches_within_line",)
