"""Adds and changes discount codes."""

from typing import Any

from rft.audit.service import Actor, record
from rft.database.edit import insert, update
from rft.database.pool import Connection
from rft.discounts.schemas import DiscountCodeRequest


async def create_discount_code(db: Connection, actor: Actor, asked: DiscountCodeRequest) -> int:
    """Answers the new id."""
    values = asked.model_dump()
    code_id = await insert(db, "discount_codes", values)
    await record(db, actor, "discount_code.create", "discount_code", code_id, new=values)
    return code_id


async def change_discount_code(db: Connection, actor: Actor, code_id: int, changes: dict[str, Any]) -> None:
    """Raises NotFound, or DiscountTermsFrozen for the terms of a code that has been used."""
    before = await update(db, "discount_codes", code_id, changes)
    await record(
        db,
        actor,
        "discount_code.change",
        "discount_code",
        code_id,
        old={name: before[name] for name in changes},
        new=changes,
    )
