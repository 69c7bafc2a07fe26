"""What is kept of a visit, and what never is: no query strings, no whole addresses, nobody's own pages by name."""

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, ip_address, ip_network
from urllib.parse import parse_qs, urlsplit

# A visit is over when nothing was seen for so long.
IDLE_SECONDS = 30 * 60
_LONGEST = 500
_SOURCE = re.compile(r"[A-Za-z0-9_.-]{1,50}")
# What people look for among the dates. What they type elsewhere may be a name, and is not kept.
_SEARCHED = ("city", "course", "course_type", "month")
_PRIVATE = ("/office", "/instructor", "/account", "/api", "/static", "/sign-", "/consent")
# How far a visit came: by the route that answered, its method and its status.
_STEPS = {
    ("GET", "/dates/{schedule_id}", 200): "date",
    ("GET", "/book/{schedule_id}", 200): "checkout",
    ("POST", "/book/{schedule_id}/who", 303): "booked",
    ("GET", "/orders/{reference}/paid", 303): "paid",
}


def is_counted(path: str) -> bool:
    return not path.startswith(_PRIVATE)


def step_of(method: str, route: str, status: int) -> str | None:
    """The step of the funnel that this answer is, if any."""
    return _STEPS.get((method, route, status))


def page_of(path: str, route: str, parameters: Mapping[str, object]) -> str:
    """The address without its query; where it names an order, a booking or a certificate, the route's pattern in its place."""
    named = any(not str(value).isdecimal() for value in parameters.values())
    return (route if named else path)[:_LONGEST]


def without_query(url: str) -> str:
    """Scheme, host and path of a web address; empty for anything else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable():
        return ""
    return f"{parts.scheme}://{parts.hostname}{parts.path}"[:_LONGEST]


def source_of(referrer: str, own_host: str, query: str) -> str | None:
    """Where a visitor came from: a campaign of ours, or another site's host; None from one of our own pages."""
    campaign = _asked(query).get("utm_source", [""])[0]
    if _SOURCE.fullmatch(campaign):
        return campaign.lower()
    host = urlsplit(without_query(referrer)).hostname
    if host is None:
        return "direct"
    return None if host == own_host else host.removeprefix("www.")[:100]


def searched(query: str) -> dict[str, str]:
    """What was looked for among the dates."""
    asked = _asked(query)
    return {name: asked[name][0][:50] for name in _SEARCHED if asked.get(name)}


def _asked(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, max_num_fields=20)
    except ValueError:
        return {}


def shortened(address: str) -> str | None:
    """The network alone: the first 24 bits of an IPv4 address, 48 of an IPv6 one."""
    parsed = ip_address(address)
    if parsed.is_unspecified:
        return None
    return str(ip_network((parsed, 24 if isinstance(parsed, IPv4Address) else 48), strict=False))


def device_of(user_agent: str, family: str) -> str:
    """`family` is the device as ua-parser names it."""
    if family == "Spider" or not user_agent:
        return "bot"
    if "iPad" in user_agent or "Tablet" in user_agent or ("Android" in user_agent and "Mobile" not in user_agent):
        return "tablet"
    return "mobile" if "Mobi" in user_agent else "desktop"
