"""Reads discount codes for the back office."""

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.discounts.rules import DiscountCode
from rft.errors import NotFound

_CODE = """
select id, code, discount_type, discount_value, min_purchase_amount, valid_from, valid_until, usage_limit, times_used,
course_type_restriction, is_active
  from discount_codes
"""


async def list_discount_codes(db: Connection, *, after: int = 0, limit: int = 100) -> list[DiscountCode]:
    async with db.cursor(row_factory=class_row(DiscountCode)) as cursor:
        await cursor.execute(f"{_CODE} where id > %s order by id limit %s", (after, limit))
        return await cursor.fetchall()


async def get_discount_code(db: Connection, code_id: int) -> DiscountCode:
    """Raises NotFound."""
    async with db.cursor(row_factory=class_row(DiscountCode)) as cursor:
        await cursor.execute(f"{_CODE} where id = %s", (code_id,))
        code = await cursor.fetchone()
    if code is None:
        raise NotFound("There is no such discount code.")
    return code
