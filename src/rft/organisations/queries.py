"""Reads organisations, who books for them, and where their people work."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.errors import NotFound
from rft.kit.pages import Window


@dataclass(frozen=True, slots=True)
class Organisation:
    id: int
    reference: str
    name: str
    billing_name: str | None
    billing_email: str | None
    billing_address: list[str]
    vat_number: str | None
    accounts_contact: str | None
    payment_terms_days: int
    credit_limit: Decimal
    is_approved_for_invoice: bool
    reminds_before_due: bool
    notes: str
    is_active: bool
    created_at: datetime
    updated_at: datetime

    @property
    def invoiced_as(self) -> str:
        return self.billing_name or self.name

    @property
    def may_owe(self) -> bool:
        """Whether an order of its own may be accepted without asking the office; the limit is judged by the database."""
        return self.is_active and self.is_approved_for_invoice


@dataclass(frozen=True, slots=True)
class Member:
    user_id: int
    name: str
    email: str
    role: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Site:
    id: int
    name: str
    address: list[str]


_ORGANISATION = """
select organisation.id, organisation.reference, organisation.name, organisation.billing_name, organisation.billing_email,
       organisation.billing_address, organisation.vat_number, organisation.accounts_contact, organisation.payment_terms_days,
       organisation.credit_limit, organisation.is_approved_for_invoice, organisation.reminds_before_due, organisation.notes,
       organisation.is_active, organisation.created_at, organisation.updated_at
  from organisations as organisation
"""


async def find_organisation(db: Connection, reference: str) -> Organisation | None:
    async with db.cursor(row_factory=class_row(Organisation)) as cursor:
        await cursor.execute(f"{_ORGANISATION} where organisation.reference = %s", (reference,))
        return await cursor.fetchone()


async def get_organisation(db: Connection, organisation_id: int, *, locked: bool = False) -> Organisation:
    """`locked`: nobody else changes it until the transaction ends. Raises NotFound."""
    lock = "for no key update of organisation" if locked else ""
    async with db.cursor(row_factory=class_row(Organisation)) as cursor:
        await cursor.execute(f"{_ORGANISATION} where organisation.id = %s {lock}", (organisation_id,))
        organisation = await cursor.fetchone()
    if organisation is None:
        raise NotFound("There is no such organisation.", code="organisation_not_found")
    return organisation


async def list_organisations(db: Connection, window: Window, *, search: str = "") -> list[Organisation]:
    """The newest first, one more than the window shows; found by the beginning of a word of the name, e-mail or reference."""
    async with db.cursor(row_factory=class_row(Organisation)) as cursor:
        await cursor.execute(
            f"""
            {_ORGANISATION}
             where {window.condition(["organisation.id"])}
               and (%(search)s::text = ''
                    or starts_with(lower(organisation.name), lower(%(search)s))
                    or strpos(lower(organisation.name), ' ' || lower(%(search)s)) > 0
                    or starts_with(lower(organisation.billing_email), lower(%(search)s))
                    or organisation.reference = upper(%(search)s))
            {window.order(["organisation.id"])}
            """,
            {"search": search.strip(), **window.values()},
        )
        return await cursor.fetchall()


async def organisations_of(db: Connection, user_id: int) -> list[Organisation]:
    """The active organisations that a person books for, the first joined first."""
    async with db.cursor(row_factory=class_row(Organisation)) as cursor:
        await cursor.execute(
            f"""
            {_ORGANISATION}
              join organisation_members as member on member.organisation_id = organisation.id
             where member.user_id = %s and organisation.is_active
             order by member.created_at, organisation.id
            """,
            (user_id,),
        )
        return await cursor.fetchall()


async def list_accounts_for(db: Connection, *, user_id: int, name: str | None) -> list[Organisation]:
    """Whose account somebody's order may be on: the organisations they book for, and those of the name they typed."""
    async with db.cursor(row_factory=class_row(Organisation)) as cursor:
        await cursor.execute(
            f"""
            {_ORGANISATION}
             where organisation.is_active
               and (lower(organisation.name) = lower(btrim(%(name)s::text))
                    or exists (select from organisation_members as member
                                where member.organisation_id = organisation.id and member.user_id = %(user_id)s))
             order by organisation.name, organisation.id
             limit 50
            """,
            {"user_id": user_id, "name": name},
        )
        return await cursor.fetchall()


async def find_organisation_of_order(db: Connection, order_id: int) -> Organisation | None:
    """Whose account the order is on; None where it is on nobody's but the booker's own."""
    async with db.cursor(row_factory=class_row(Organisation)) as cursor:
        await cursor.execute(
            f"""
            {_ORGANISATION}
              join order_organisations as owner on owner.organisation_id = organisation.id
             where owner.order_id = %s
            """,
            (order_id,),
        )
        return await cursor.fetchone()


async def list_members(db: Connection, organisation_id: int) -> list[Member]:
    async with db.cursor(row_factory=class_row(Member)) as cursor:
        await cursor.execute(
            """
            select person.id as user_id, coalesce(nullif(concat_ws(' ', person.first_name, person.last_name), ''), person.email) as name,
                   person.email, member.role, member.created_at
              from organisation_members as member join users as person on person.id = member.user_id
             where member.organisation_id = %s
             order by member.role desc, name, person.id
            """,
            (organisation_id,),
        )
        return await cursor.fetchall()


async def list_sites(db: Connection, organisation_id: int) -> list[Site]:
    async with db.cursor(row_factory=class_row(Site)) as cursor:
        await cursor.execute(
            "select id, name, address from organisation_sites where organisation_id = %s order by name",
            (organisation_id,),
        )
        return await cursor.fetchall()
