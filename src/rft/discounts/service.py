"""Adds, generates and changes discount codes; makes and ends offers and agreed prices."""

from datetime import date
from typing import Any

from rft.audit.service import Actor, record
from rft.database.edit import insert, update
from rft.database.pool import Connection
from rft.discounts.schemas import AgreedPriceRequest, DiscountCodeRequest, GenerateRequest, OfferRequest
from rft.errors import NotFound
from rft.kit.references import new_reference

# 50 random bits behind the prefix.
_RANDOM_LETTERS = 10


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


async def generate_discount_codes(db: Connection, actor: Actor, asked: GenerateRequest) -> list[str]:
    """Answers the new codes; the activity log has one line for all of them."""
    prefix = asked.prefix.upper()
    kept = len(prefix) + 1 + _RANDOM_LETTERS
    codes = [new_reference(prefix)[:kept] for _ in range(asked.count)]
    terms = asked.model_dump(exclude={"prefix", "count"})
    await db.execute(
        """
        insert into discount_codes (code, description, discount_type, discount_value, min_purchase_amount, valid_from,
                                    valid_until, usage_limit, course_type_restriction, is_active)
        select code, %(description)s, %(discount_type)s, %(discount_value)s, %(min_purchase_amount)s, %(valid_from)s,
               %(valid_until)s, %(usage_limit)s, %(course_type_restriction)s, %(is_active)s
          from unnest(%(codes)s::text[]) as code
        """,
        {**terms, "codes": codes},
    )
    new = {**terms, "prefix": prefix, "count": asked.count}
    await record(db, actor, "discount_code.generate", "discount_code", None, new=new)
    return codes


async def create_offer(db: Connection, actor: Actor, asked: OfferRequest) -> int:
    """Answers the new id. It applies to orders from now on."""
    values = asked.model_dump()
    offer_id = await insert(db, "offers", values)
    await record(db, actor, "offer.create", "offer", offer_id, new=values)
    return offer_id


async def end_offer(db: Connection, actor: Actor, offer_id: int) -> None:
    """Orders made from now on do not get it; those that have it keep it. Raises NotFound."""
    before = await update(db, "offers", offer_id, {"is_active": False})
    old, new = {"is_active": before["is_active"]}, {"name": before["name"], "is_active": False}
    await record(db, actor, "offer.end", "offer", offer_id, old=old, new=new)


async def agree_price(db: Connection, actor: Actor, asked: AgreedPriceRequest) -> int:
    """Answers the new id. Raises PriceAlreadyAgreed where another price holds on one of the days."""
    values = asked.model_dump()
    price_id = await insert(db, "organisation_prices", values)
    await record(db, actor, "organisation_price.agree", "organisation", asked.organisation_id, new=values)
    return price_id


async def end_agreed_price(db: Connection, actor: Actor, price_id: int, today: date) -> None:
    """`today` (London's) becomes its last day; one that has not begun never will. Raises NotFound."""
    gone = await db.execute(
        "delete from organisation_prices where id = %s and valid_from > %s returning organisation_id, course_id, price",
        (price_id, today),
    )
    before = await gone.fetchone()
    if before is None:
        before = await _last_day(db, price_id, today)
    new = {"course_id": before["course_id"], "price": before["price"], "valid_until": today}
    await record(db, actor, "organisation_price.end", "organisation", before["organisation_id"], new=new)


async def _last_day(db: Connection, price_id: int, today: date) -> dict[str, Any]:
    cursor = await db.execute(
        """
        update organisation_prices set valid_until = least(valid_until, %s)
         where id = %s
        returning organisation_id, course_id, price
        """,
        (today, price_id),
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("There is no such agreed price.")
    return row
