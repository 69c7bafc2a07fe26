"""The company as it stands on pages, mails and invoices, and the tax that its prices include."""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from rft.audit.service import Actor, record
from rft.database.pool import Connection
from rft.errors import NotValid, Refusal
from rft.kit.fields import Asked, Email, Line, Text

_READ = """
select name, phone, email, address_lines, vat_rate, vat_number, bank_account_name, bank_sort_code, bank_account_number,
       md5(profile::text) as seen
  from company_profile as profile
"""
_LOCK = f"{_READ} for update"
_WRITE = """
update company_profile
   set name = %(name)s, phone = %(phone)s, email = %(email)s, address_lines = %(address_lines)s, vat_rate = %(vat_rate)s,
       vat_number = %(vat_number)s, bank_account_name = %(bank_account_name)s, bank_sort_code = %(bank_sort_code)s,
       bank_account_number = %(bank_account_number)s
"""
_MOST_LINES = 6
_BANK_ACCOUNT = ("bank_account_name", "bank_sort_code", "bank_account_number")
Row = dict[str, object]


class CompanyChanged(Refusal):
    """`facts["now"]` is what stands there."""

    status = 409
    title = "Somebody else has changed this"
    sentence = "Somebody else has saved these settings since you opened them. Nothing of yours was saved yet."


class CompanyForm(Asked):
    """`vat_rate` and `vat_number` belong together; empty: the company is not registered for VAT. So do the bank account's three."""

    name: Annotated[Line, Field(max_length=120)]
    phone: Annotated[Line, Field(max_length=40)]
    email: Email
    address: Annotated[Text, Field(min_length=1, max_length=500)]
    vat_rate: Annotated[str, Field(max_length=8)] = ""
    vat_number: Annotated[str, Field(max_length=20)] = ""
    bank_account_name: Annotated[str, Field(max_length=100)] = ""
    bank_sort_code: Annotated[str, Field(max_length=20)] = ""
    bank_account_number: Annotated[str, Field(max_length=20)] = ""

    def values(self) -> Row:
        """As stored. Raises NotValid for half of the VAT or of the bank account, or a rate or number that is none."""
        lines = [line.strip() for line in self.address.split("\n") if line.strip()]
        if len(lines) > _MOST_LINES:
            raise NotValid(errors={"address": f"Use at most {_MOST_LINES} lines."})
        rate, number = self.vat_rate.strip().removesuffix("%").strip(), self.vat_number.strip().upper()
        if bool(rate) != bool(number):
            missing = "vat_number" if rate else "vat_rate"
            raise NotValid(errors={missing: "The rate and the number belong together. Leave both empty without VAT."})
        return {
            "name": self.name,
            "phone": self.phone,
            "email": self.email,
            "address_lines": lines,
            "vat_rate": _percent(rate) if rate else None,
            "vat_number": number or None,
            **_bank_account(self.bank_account_name, self.bank_sort_code, self.bank_account_number),
        }


async def read_company(db: Connection) -> Row:
    row = await (await db.execute(_READ)).fetchone()
    assert row is not None, "a migration wrote the row"
    return row


async def change_company(db: Connection, actor: Actor, form: CompanyForm, seen: str) -> None:
    """Raises CompanyChanged where what was `seen` is no longer what stands there."""
    values = form.values()
    before = await (await db.execute(_LOCK)).fetchone()
    assert before is not None, "a migration wrote the row"
    if before["seen"] != seen:
        raise CompanyChanged(facts={"now": before})
    await db.execute(_WRITE, values)
    await record(db, actor, "company.change", "system", None, old=_told(before), new=_told(values))


def as_typed(row: Row) -> dict[str, str]:
    """The row as the form's fields hold it."""
    lines = row["address_lines"]
    return {
        "name": str(row["name"]),
        "phone": str(row["phone"]),
        "email": str(row["email"]),
        "address": "\n".join(lines) if isinstance(lines, list) else "",
        "vat_rate": "" if row["vat_rate"] is None else f"{row['vat_rate']}",
        "vat_number": str(row["vat_number"] or ""),
        **{name: str(row[name] or "") for name in _BANK_ACCOUNT},
    }


def _told(row: Row) -> Row:
    typed = as_typed(row)
    return {**typed, "address": typed["address"].replace("\n", ", "), "percent": typed["vat_rate"]}


def _percent(text: str) -> Decimal:
    whole, _, rest = text.partition(".")
    if not (whole + rest).isdecimal() or not text.isascii() or len(whole) > 3 or len(rest) > 2 or Decimal(text) > 100:
        raise NotValid(errors={"vat_rate": "Enter a percentage, such as 20."})
    return Decimal(text)


def _bank_account(name: str, sort_code: str, number: str) -> Row:
    """Spaces and dashes are as people type them. Raises NotValid for a part of an account."""
    code, figures = (re.sub(r"[\s-]", "", text) for text in (sort_code, number))
    owner = " ".join(name.split())
    if not (owner or code or figures):
        return dict.fromkeys(_BANK_ACCOUNT)
    errors = {} if owner else {"bank_account_name": "Enter the name that the account is in."}
    if not re.fullmatch(r"[0-9]{6}", code):
        errors["bank_sort_code"] = "Enter a sort code, such as 12-34-56."
    if not re.fullmatch(r"[0-9]{8}", figures):
        errors["bank_account_number"] = "Enter an account number of eight figures."
    if errors:
        raise NotValid(errors=errors)
    return {
        "bank_account_name": owner,
        "bank_sort_code": "-".join((code[:2], code[2:4], code[4:])),
        "bank_account_number": figures,
    }
