"""Whether this database is the real one: a restored copy is disarmed until `rft arm`, and reaches nobody until then."""

from dataclasses import replace

from rft.database.pool import Database
from rft.settings import Settings


async def is_armed(database: Database) -> bool:
    """Before the table is there nothing has been restored either."""
    async with database.connection() as db:
        known = await (await db.execute("select to_regclass('public.system_state') is not null as known")).fetchone()
        if known is None or not known["known"]:
            return True
        row = await (await db.execute("select is_armed from system_state")).fetchone()
    return row is None or bool(row["is_armed"])


def disarmed(settings: Settings) -> Settings:
    """The settings of a copy: no mail server, no key that moves real money, no jobs."""
    return replace(
        settings,
        smtp_url="",
        stripe_secret_key="" if settings.stripe_live else settings.stripe_secret_key,
        jobs=False,
    )
