"""Which span of time is compared, and when the daily comparison is due; no database here."""

from datetime import datetime, timedelta

from rft.errors import NotValid
from rft.kit.clock import to_london

# What Stripe tells late, or settled while the last comparison ran, is within the next one.
OVERLAP = timedelta(days=3)
# What happened on either side so recently may still be on its way to the other one.
SETTLES_WITHIN = timedelta(minutes=15)
# Stripe keeps moving a payout on for some days after it was made.
PAYOUT_TAKES = timedelta(days=10)
HOUR = 5


def span(
    now: datetime,
    *,
    last_until: datetime | None,
    oldest: datetime | None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[datetime, datetime]:
    """From where the last comparison ended, or from the oldest payment by card where there was none. Raises NotValid."""
    latest = now - SETTLES_WITHIN
    end = min(until, latest) if until else latest
    if since is None:
        since = last_until - OVERLAP if last_until else (oldest or now) - OVERLAP
    if since >= end:
        raise NotValid("What is compared begins before it ends, and ends a quarter of an hour ago at the latest.")
    return since, end


def is_due(now: datetime) -> bool:
    """Whether it is the hour after five o'clock in London."""
    return to_london(now).hour == HOUR
