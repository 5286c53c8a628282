"""What simulators cost: CPU seconds and bytes, for the bench to subtract."""

from __future__ import annotations

import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Meter:
    """Counts requests and body bytes of the apps it wraps. CPU is that of the whole process, so run nothing else in it."""

    def __init__(self) -> None:
        self.requests = self.bytes_received = self.bytes_sent = 0

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """The app, counted."""

        async def metered(scope: Scope, receive: Receive, send: Send) -> None:
            async def counted_receive() -> Message:
                message = await receive()
                self.bytes_received += len(message.get("body", b""))
                return message

            async def counted_send(message: Message) -> None:
                self.bytes_sent += len(message.get("body", b""))
                await send(message)

            self.requests += scope["type"] == "http"
            await app(scope, counted_receive, counted_send)

        return metered

    def reading(self) -> dict[str, Any]:
        """Totals since the start; compare two readings."""
        return {
            "cpu_seconds": time.process_time(),
            "requests": self.requests,
            "bytes_received": self.bytes_received,
            "bytes_sent": self.bytes_sent,
        }
