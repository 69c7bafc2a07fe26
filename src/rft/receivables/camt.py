"""Reads CAMT.053, the banks' XML statement: any version, since only the names within one namespace are looked at."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Protocol, Self

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from rft.receivables.errors import StatementNotValid
from rft.receivables.statements import Statement, StatementLine, clean_text, read_amount, require_readable


class Element(Protocol):
    """What is used of an element of the tree."""

    tag: str
    text: str | None

    def __iter__(self) -> Iterator[Self]: ...
    def get(self, key: str) -> str | None: ...


def read_camt(content: bytes) -> Statement:
    """Booked entries only. All of the file, or StatementNotValid with a sentence for each entry that is wrong."""
    try:
        # No document type, no entities: nothing that grows or reaches out.
        root: Element = ElementTree.fromstring(content, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as cause:
        # A LookupError is an encoding that nobody knows.
        raise StatementNotValid("This is not XML that we can read.") from cause
    statements = list(_all(root, "BkToCstmrStmt", "Stmt"))
    if not statements:
        raise StatementNotValid("This XML is not a bank statement in the form CAMT.053.")
    lines: list[StatementLine] = []
    wrong: list[str] = []
    number = 0
    for statement in statements:
        account = _text(statement, "Acct", "Id", "IBAN") or _text(statement, "Acct", "Id", "Othr", "Id")
        for entry in _all(statement, "Ntry"):
            number += 1
            if (_text(entry, "Sts", "Cd") or _text(entry, "Sts") or "BOOK") != "BOOK":
                continue
            try:
                lines += [line for line in _read_entry(entry, clean_text(account)) if line.amount]
            except ValueError as cause:
                wrong.append(f"Entry {number}: {cause}.")
    require_readable(wrong, lines)
    return Statement("camt053", lines)


def _read_entry(entry: Element, account: str) -> Iterator[StatementLine]:
    """A line for each payment of an entry that holds several and says what each was, else one for the entry."""
    booked_on = _read_day(_text(entry, "BookgDt", "Dt") or _text(entry, "BookgDt", "DtTm")[:10])
    total = _read_amount(entry, entry)
    payments = list(_all(entry, "NtryDtls", "TxDtls"))
    amounts = [_amount_of(payment, entry) for payment in payments] if len(payments) > 1 else []
    if None in amounts or sum((amount or Decimal(0) for amount in amounts), Decimal(0)) != total:
        amounts = []
    if not amounts:
        amounts, payments = [total], payments[:1] or [entry]
    for amount, payment in zip(amounts, payments, strict=True):
        assert amount is not None, "asked for above"
        said = [_text(payment, "RmtInf", "Strd", "CdtrRefInf", "Ref"), *_texts(payment, "RmtInf", "Ustrd")]
        said += [_text(payment, "Refs", "EndToEndId"), _text(entry, "AddtlNtryInf")]
        yield StatementLine(
            booked_on=booked_on,
            amount=amount,
            counterparty=clean_text(_name_of(payment, "Dbtr" if amount > 0 else "Cdtr")),
            description=clean_text(" ".join(dict.fromkeys(part for part in said if part and part != "NOTPROVIDED"))),
            account=account,
        )


def _amount_of(payment: Element, entry: Element) -> Decimal | None:
    if _find(payment, "Amt") is not None:
        return _read_amount(payment, entry)
    within = _find(payment, "AmtDtls", "TxAmt")
    return _read_amount(within, entry) if within is not None else None


def _read_amount(holder: Element, entry: Element) -> Decimal:
    """Of the holder's own `Amt`, with the sign that the holder, or else its entry, gives it."""
    amount = _find(holder, "Amt")
    if amount is None:
        raise ValueError("there is no amount")
    if amount.get("Ccy") != "GBP":
        raise ValueError(f"{(amount.get('Ccy') or 'no currency')[:10]} is not pounds")
    way = _text(holder, "CdtDbtInd") or _text(entry, "CdtDbtInd")
    if way not in ("CRDT", "DBIT"):
        raise ValueError("it does not say whether money came in or went out")
    found = read_amount((amount.text or "").strip())
    return found if way == "CRDT" else -found


def _name_of(payment: Element, party: str) -> str:
    return _text(payment, "RltdPties", party, "Nm") or _text(payment, "RltdPties", party, "Pty", "Nm")


def _read_day(text: str) -> date:
    try:
        found = date.fromisoformat(text.strip()[:10])
    except ValueError:
        found = None
    # The same years as in a CSV.
    if found is None or not 2000 <= found.year <= 2199:
        raise ValueError(f"“{text[:40]}” is not a day" if text else "there is no date")
    return found


def _all(element: Element, *path: str) -> Iterator[Element]:
    if not path:
        yield element
        return
    for child in element:
        if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == path[0]:
            yield from _all(child, *path[1:])


def _find(element: Element, *path: str) -> Element | None:
    return next(_all(element, *path), None)


def _texts(element: Element, *path: str) -> list[str]:
    return [(found.text or "").strip() for found in _all(element, *path)]


def _text(element: Element, *path: str) -> str:
    return next(iter(_texts(element, *path)), "")
