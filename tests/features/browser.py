"""A browser without a window: keeps cookies, follows nothing, and sends forms as our own pages do."""

import re

import httpx

HERE = "http://rft.test"
PASSWORD = "seven green apples"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser(httpx.AsyncClient):
    async def csrf_token(self, page: str = "/sign-in") -> str:
        found = _TOKEN.search((await self.get(page)).text)
        assert found, f"{page} has a form"
        return found[1]

    async def send_form(self, path: str, *, page: str = "/sign-in", **fields: str) -> httpx.Response:
        """Posts the fields with the token that the page's form carries."""
        return await self.post(path, data={"csrf_token": await self.csrf_token(page), **fields})

    async def sign_in(self, email: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
        return await self.send_form("/sign-in", email=email, password=password, **fields)
