"""The company as every page's head and foot show it: read from company_profile, kept for a minute."""

from dataclasses import dataclass
from decimal import Decimal
from time import monotonic

import psycopg

from rft.database.pool import Database
from rft.errors import Busy

_KEPT_SECONDS = 60
_READ = "select name, phone, email, address_lines, vat_rate, vat_number from company_profile"


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    phone: str
    email: str
    address_lines: list[str]
    vat_rate: Decimal | None
    vat_number: str | None


# What an error page says of us where the database has not answered once since the start.
_UNKNOWN = Company("React Fast Training", "the office", "the office", [], None, None)


class CompanyProfile:
    """The one row, and when it was read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._company = _UNKNOWN
        self._fresh_until = 0.0

    async def get(self) -> Company:
        """Never fails: while the database cannot answer, what was last known stands."""
        if monotonic() < self._fresh_until:
            return self._company
        try:
            async with self._database.connection() as db:
                row = await (await db.execute(_READ)).fetchone()
        except (Busy, psycopg.Error):
            return self._company
        if row is not None:
            self._company = Company(**row)
        self._fresh_until = monotonic() + _KEPT_SECONDS
        return self._company

    def forget(self) -> None:
        """Read anew at the next request of this process; the others do so within the minute."""
        self._fresh_until = 0.0
