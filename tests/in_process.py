"""A plain `httpx.Client` over an ASGI application, so that tests stay synchronous."""

import asyncio
from typing import Any

import httpx


class InProcess(httpx.BaseTransport):
    """Hands each request to the application on one event loop that lives as long as the transport."""

    def __init__(self, app: Any, client: tuple[str, int] = ("127.0.0.1", 50000)) -> None:
        self._asgi = httpx.ASGITransport(app, client=client)
        self._runner = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def answer() -> httpx.Response:
            got = await self._asgi.handle_async_request(request)
            content = await got.aread()
            return httpx.Response(got.status_code, headers=got.headers, content=content, request=request)

        request.read()
        return self._runner.run(answer())

    def close(self) -> None:
        self._runner.close()
