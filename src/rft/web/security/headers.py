"""The headers that every answer carries. What a route has said itself stands."""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rft.settings import Settings

Pairs = tuple[tuple[bytes, bytes], ...]

_API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# Pages that show somebody's own data, or lead to it: they are kept in no cache, not even in the browser's.
_PRIVATE = ("/office", "/instructor", "/account", "/orders", "/sign-in", "/sign-out", "/new-password")
_PRIVATE_COOKIES = (b"rft_session=", b"rft_orders=")


def page_policy(stripe_pages: str) -> str:
    """The pages' content security policy: our own files only, and forms that may lead to Stripe's hosted page."""
    stripe = urlsplit(stripe_pages)
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; form-action 'self' {stripe.scheme}://{stripe.netloc}; manifest-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


class SecurityHeaders:
    """Outermost middleware: no answer, not even an error's, leaves without these."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        common = {
            "x-content-type-options": "nosniff",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
            "x-frame-options": "DENY",
        }
        if settings.secure_cookies:
            common["strict-transport-security"] = "max-age=31536000; includeSubDomains"
        page = {
            **common,
            "content-security-policy": page_policy(settings.stripe_pages),
            "referrer-policy": "same-origin",
        }
        private = {**page, "cache-control": "no-store"}
        self._page = _pairs({**page, "cache-control": "private, no-cache"})
        self._private = _pairs(private)
        # An address that carries a key is told to nobody. Elsewhere our own site must be told: with no-referrer a browser calls the
        # origin of a form `null`, and where there is no TLS that is all it says, so that our own forms would be refused.
        self._keyed = _pairs({**private, "referrer-policy": "no-referrer"})
        self._api = _pairs(
            {
                **common,
                "content-security-policy": _API_POLICY,
                "referrer-policy": "no-referrer",
                "cache-control": "no-store",
            }
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        ours = self._ours(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = list(message["headers"])
                names = {name for name, _ in said}
                said.extend(pair for pair in ours if pair[0] not in names)
                message["headers"] = said
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _ours(self, scope: Scope) -> Pairs:
        path = scope["path"]
        if path.startswith("/api/"):
            return self._api
        if b"access_token" in scope["query_string"]:
            return self._keyed
        return self._private if path.startswith(_PRIVATE) or _has_private_cookie(scope) else self._page


def _has_private_cookie(scope: Scope) -> bool:
    return any(
        name == b"cookie" and any(ours in value for ours in _PRIVATE_COOKIES) for name, value in scope["headers"]
    )


def _pairs(headers: dict[str, str]) -> Pairs:
    return tuple((name.encode(), value.encode()) for name, value in headers.items())
