"""Where a request comes from: the socket's word, or a proxy's where the settings trust that proxy. It never fails."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import Request

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

# What an INET column and a rate limit accept for somebody whose address is not known (a socket in the file system).
UNKNOWN = "0.0.0.0"  # noqa: S104 (nothing is bound to it)
_FORWARDED = frozenset({"x-forwarded-for", "forwarded", "x-real-ip", "via"})


def client_address(request: Request) -> str:
    """The address of the person's end: in X-Forwarded-For the last one that is not a trusted proxy's own."""
    here = _address(request.client.host if request.client else "")
    if here is None:
        return UNKNOWN
    trusted = _networks(request.app.state.settings.trusted_proxies)
    if not _is_within(here, trusted):
        # Through a proxy on this machine that nobody told us to trust: the request did not begin here.
        return UNKNOWN if here.is_loopback and not _FORWARDED.isdisjoint(request.headers.keys()) else str(here)
    for said in reversed(request.headers.get("x-forwarded-for", "").split(",")):
        further = _address(said.strip())
        if further is None:
            break
        here = further
        if not _is_within(here, trusted):
            break
    return str(here)


def network_of(address: str) -> str:
    """What one household or office shares: an IPv4 address, or the /64 that one IPv6 customer is given whole."""
    parsed = _address(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, 64), strict=False))
    return address


def _address(text: str) -> Address | None:
    try:
        parsed = ip_address(text)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _is_within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


@lru_cache(maxsize=4)
def _networks(said: str) -> tuple[Network, ...]:
    """Raises ValueError at the start, where the application checks its settings."""
    return tuple(ip_network(part.strip(), strict=False) for part in said.split(",") if part.strip())


def require_readable(trusted_proxies: str) -> None:
    """Raises ValueError where the setting names no networks: better at the start than at the first request."""
    _networks(trusted_proxies)
