"""HEAD is answered as GET is, without the body: link checkers and monitors ask so."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadsOfPages:
    """Middleware, the innermost: what stands around it sees the request as it came."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # The same scope, so that those around it know the route that answered.
        scope["method"] = "GET"
        try:
            await self.app(scope, receive, send_without_body)
        finally:
            scope["method"] = "HEAD"
