"""How a test says that the audit has nothing to say."""

import asyncio

from rft.database.audit import Finding, run_audit


def broken(url: str) -> list[Finding]:
    """What the audit complains of, alarms included."""
    return [finding for finding in asyncio.run(run_audit(url)) if finding.count]


def assert_audit_is_silent(url: str) -> None:
    assert broken(url) == []
