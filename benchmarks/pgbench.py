"""The limit: pgbench, running the very statements that an order runs, with the same number of clients."""

import re
import subprocess
from pathlib import Path

from rft.bookings import quotes, service
from rft.database.sql import statement

# What each parameter is in pgbench's script: numbers of its own, and text made of them, so that every order is a new one.
_ORDER = {
    "schedule_id": ":schedule", "seats": "1", "now": "localtimestamp", "london_day": "current_date", "code": "null",
    "email": "'bench' || :a || :b || '@people.example'", "first_name": "'Amina'", "last_name": "'Yusuf'", "phone": "null",
    "reference": "'ORD-' || :a || :b", "access_token_hash": "sha256('token')", "booker_name": "'Amina Yusuf'",
    "organisation_name": "null", "purchase_order": "null", "payment_method": "'card'", "total": ":price", "vat": "0",
    "terms_version": "'1'", "policy_version": "'1'", "hold_expires_at": "localtimestamp + interval '30 minutes'",
    "booking_references": "array['RFT-' || :a || :b]", "status": "'pending'", "payment_status": "'pending'", "net": ":price",
    "list_price": ":price", "gross": ":price", "price_reason": "null", "discount_reason": "null", "vat_rate": "null",
    "offer_id": "null", "organisation_price_id": "null",
    "discount": "0", "discount_code_id": "null", "attendee_references": "array['RFT-' || :a || :b]",
    "attendee_first_names": "array['Amina']", "attendee_last_names": "array['Yusuf']", "attendee_emails": "array[null]",
}  # fmt: skip


def order_script(first: int, last: int) -> str:
    """One order of one seat on a date between the two ids."""
    lines = [
        f"\\set schedule random({first}, {last})",
        "\\set a random(1000000, 9999999)",
        "\\set b random(1000000, 9999999)",
        "\\set price 100",
        "begin;",
        _filled(statement(quotes.__file__, "quote.sql")) + ";",
        _filled(statement(service.__file__, "place_order.sql")) + ";",
        "commit;",
    ]
    return "\n".join(lines)


def _filled(sql: str) -> str:
    sql = "\n".join(line for line in sql.splitlines() if not line.startswith("--"))
    return re.sub(r"%\((\w+)\)s", lambda found: f"({_ORDER[found[1]]})", sql).strip()


def transactions_per_second(binaries: Path, url: str, script: Path, *, clients: int, seconds: int) -> float:
    command = [
        binaries / "pgbench",
        "-n",
        "-M",
        "prepared",
        "-c",
        str(clients),
        "-j",
        "1",
        "-T",
        str(seconds),
        "-f",
        script,
        url,
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"tps = ([\d.]+)", answer.stdout)
    if found is None:
        raise SystemExit(answer.stderr)
    return float(found[1])
