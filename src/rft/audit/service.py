"""Writes the activity log, in the transaction of the act it tells of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from rft.database.pool import Connection

# What may stand in the log. Everything else (hashes, tokens, whole messages) stays out, whatever a caller passes.
_ALLOWED = frozenset(
    {
        "accounts_contact",
        "address",
        "address_line1",
        "address_line2",
        "amount",
        "at_least_seats",
        "at_stripe",
        "audience",
        "awarding_body",
        "bank_account_name",
        "bank_account_number",
        "bank_sort_code",
        "billing_address",
        "billing_email",
        "billing_name",
        "bio",
        "breaks_minutes",
        "broken",
        "capacity",
        "certificate_issued",
        "certificate_issued_date",
        "certification_validity_years",
        "city",
        "code",
        "count",
        "course_id",
        "course_type",
        "course_type_restriction",
        "credit_limit",
        "days_ahead",
        "decide_by",
        "description",
        "discount_type",
        "discount_value",
        "duration_hours",
        "email",
        "end",
        "expires_on",
        "facilities",
        "first",
        "first_day",
        "first_name",
        "holder",
        "home_town",
        "in_house_for",
        "in_ledger",
        "included",
        "instructor_id",
        "is_active",
        "is_approved_for_invoice",
        "issued_on",
        "kind",
        "label",
        "last",
        "last_day",
        "last_name",
        "lines",
        "max_capacity",
        "min_purchase_amount",
        "minimum_seats",
        "name",
        "new_lines",
        "notes",
        "number",
        "parking_info",
        "pattern",
        "payment_amount",
        "payment_method",
        "payment_status",
        "payment_terms_days",
        "percent",
        "phone",
        "postcode",
        "postcode_area",
        "prefix",
        "price",
        "qualification",
        "reason",
        "reference",
        "reminds_before_due",
        "role",
        "seats",
        "sessions",
        "start",
        "state",
        "status",
        "subject",
        "total",
        "until",
        "usage_limit",
        "valid_from",
        "valid_until",
        "vat_number",
        "vat_rate",
        "venue_id",
    }
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where. `address` is an IP address or None."""

    user_id: int
    address: str | None = None
    user_agent: str | None = None


async def record(
    db: Connection,
    actor: Actor,
    action: str,
    entity_type: str,
    entity_id: int | None,
    *,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
) -> None:
    """Adds a line. `action` is `entity.verb`, such as `schedule.publish`; what is about the whole system has no id."""
    await db.execute(
        """
        insert into admin_activity_logs (admin_id, action, entity_type, entity_id, old_values, new_values, ip_address, user_agent)
        values (%(admin_id)s, %(action)s, %(entity_type)s, %(entity_id)s, %(old)s, %(new)s, %(address)s, %(user_agent)s)
        """,
        {
            "admin_id": actor.user_id,
            "action": action,
            "entity_type": entity_type,
            "entity_id": entity_id,
            "old": _kept(old),
            "new": _kept(new),
            "address": actor.address,
            "user_agent": (actor.user_agent or "")[:300] or None,
        },
    )


def _kept(values: Mapping[str, Any] | None) -> Jsonb | None:
    if values is None:
        return None
    return Jsonb({name: _plain(value) for name, value in values.items() if name in _ALLOWED})


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str | list | dict) else str(value)
