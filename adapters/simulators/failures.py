"""Simulators that fail on request: one `Failures` object per province, told by Python or over HTTP.

    failures = failures_of(world)                 # the province's own; always the same object
    app = failures.wrap(app)                      # serve does this around every simulator
    failures.set({"unavailable": 3, "retry_after": 2})
    failures.clear()                              # everything works again

What can be asked for (JSON keys; numbers count down, so each fault has an end, except where it says for ever):

    slow_seconds     every answer comes so late                               until cleared
    late_seconds     every request is acted on at once and answered so late  until cleared
    unavailable      the next n requests are answered 503 with Retry-After: retry_after (seconds, default 1)
    expire_tokens    the next n requests find every token expired: the world's clock jumps ahead by `token_hours`
                     (default 24) before each of them
    expire_after     one such jump, after n more requests: in mid-harvest
    repeat_page      the first page answered from now on is given again       for ever
    half_answers     the next n bodies are cut in half, and say so in Content-Length
    broken_answers   the next n connections die in the middle of the body
    lost_requests    the next n connections die before the platform has looked at the request: nothing is done
    lost_answers     the next n connections die after the platform has acted, before a byte of the body
    half_files       the next n dropped files are cut in half
    wrong_checksums  the next n dropped files do not fit their checksum
    lose_records     n good records vanish from the list now (or a list of keys); they come back with `clear`
    nothing          the source answers properly and holds nothing            until cleared
    only             the faults of answers apply only to paths that contain this text (default all)

Answers are counted from the request, whatever it asks; tokens and logins are never repeated by `repeat_page`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.simulators.world.province import ProvinceWorld

COUNTERS = (
    "unavailable", "expire_tokens", "expire_after", "half_answers", "broken_answers", "lost_requests", "lost_answers",
    "half_files", "wrong_checksums",
)  # fmt: skip
DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(COUNTERS, 0),
    "slow_seconds": 0.0,
    "late_seconds": 0.0,
    "retry_after": 1,
    "token_hours": 24,
    "repeat_page": False,
    "lose_records": 0,
    "nothing": False,
    "only": "",
}
# Repeating a token would be another fault than repeating a page.
NEVER_REPEATED = ("token", "login", "logout")
# Several platforms refuse a lapsed token in a body of status 200, and repeating that would be another fault too.
SMALLEST_PAGE = 500  # bytes


class FailuresInvalid(ValueError):
    """The request names a fault that does not exist or gives it an unfit value."""


class Failures:
    """What is wrong with one province's platform at the moment."""

    def __init__(self, world: ProvinceWorld) -> None:
        self._world = world
        self._plan = dict(DEFAULTS)
        self._lost: list[str] = []
        self._page: tuple[Message, bytes] | None = None

    def set(self, wanted: Mapping[str, Any]) -> None:
        """Ask for faults, beside those already asked for. Raises FailuresInvalid and then changes nothing."""
        for name, value in wanted.items():
            _check(name, value)
        losing = self._losing(wanted.get("lose_records", 0))
        self._plan.update(wanted)
        if "repeat_page" in wanted:
            self._page = None
        for key in losing:
            self._world.vanish(key)
            self._lost.append(key)
        if "nothing" in wanted:
            (self._world.go_empty if wanted["nothing"] else self._world.come_back)()

    def clear(self) -> None:
        """Everything works again; lost records are back. Safe to repeat."""
        self._plan = dict(DEFAULTS)
        self._page = None
        self._world.come_back()
        while self._lost:
            self._world.restore(self._lost.pop())

    def state(self) -> dict[str, Any]:
        """What is asked for and still to come, and the keys of lost records."""
        return {**self._plan, "lost": list(self._lost)}

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """The app with these failures. Lifespan and websockets pass unchanged."""
        return _FailingApp(app, self)

    def damage_of_next_file(self) -> str:
        """`half`, `wrong_checksum` or nothing, for simulators that drop, push or upload files."""
        if self.take("half_files"):
            return "half"
        return "wrong_checksum" if self.take("wrong_checksums") else ""

    def _losing(self, wanted: int | Sequence[str]) -> list[str]:
        """Keys of the records to lose; spread over the list, so that it is not only the first page that shrinks."""
        total = self._world.survey_total
        if isinstance(wanted, int):
            if wanted > total:
                raise FailuresInvalid(f"lose_records: 只有 there are only {total} 条 records")
            places = (place * total // wanted for place in range(wanted))
            return [self._world.survey_rows(place, 1)[0].key for place in places]
        unknown = [key for key in wanted if self._world.survey_row(key) is None]
        if unknown:
            raise FailuresInvalid(f"lose_records: 没有 no such record {unknown[0]}")
        return list(dict.fromkeys(wanted))

    def applies(self, path: str) -> bool:
        """Whether faults of answers concern this path."""
        return self._plan["only"] in path

    def take(self, name: str) -> bool:
        """Use up one of a counted fault; False when there is none left."""
        if self._plan[name] <= 0:
            return False
        self._plan[name] -= 1
        return True

    def let_tokens_expire(self) -> None:
        """Jump ahead when it is time to; tokens and cursors live by the world's clock."""
        due = self.take("expire_tokens")
        if self._plan["expire_after"] > 0:
            self._plan["expire_after"] -= 1
            due = due or self._plan["expire_after"] == 0
        if due:
            self._world.tick(self._plan["token_hours"] * 3600)

    @property
    def slow_seconds(self) -> float:
        return float(self._plan["slow_seconds"])

    @property
    def late_seconds(self) -> float:
        """How long an answer waits when the platform has acted."""
        return float(self._plan["late_seconds"])

    @property
    def retry_after(self) -> int:
        return int(self._plan["retry_after"])

    def repeated(self, path: str) -> tuple[Message, bytes] | None:
        """The page to give again, or None."""
        return self._page if self._plan["repeat_page"] and _is_page(path) else None

    def remember(self, path: str, start: Message, body: bytes) -> None:
        """Keep the first page answered since repeating was asked for."""
        is_page = start["status"] == 200 and len(body) >= SMALLEST_PAGE and _is_page(path)
        if self._plan["repeat_page"] and self._page is None and is_page:
            self._page = (start, body)


def _is_page(path: str) -> bool:
    return not any(word in path.lower() for word in NEVER_REPEATED)


def _check(name: str, value: Any) -> None:
    if name not in DEFAULTS:
        raise FailuresInvalid(f"没有这种故障 no such failure: {name}；可用 known: {', '.join(DEFAULTS)}")
    usual = DEFAULTS[name]
    if name == "lose_records" and isinstance(value, list) and all(isinstance(key, str) for key in value):
        return
    if isinstance(usual, bool) or isinstance(value, bool):
        fits = isinstance(usual, bool) and isinstance(value, bool)
    elif isinstance(usual, str):
        fits = isinstance(value, str)
    else:
        fits = isinstance(value, int | float if isinstance(usual, float) else int) and 0 <= value <= 1_000_000
    if not fits:
        raise FailuresInvalid(f"{name} 的值不合适 unfit value: {value!r}")


_OF_WORLD: WeakKeyDictionary[ProvinceWorld, Failures] = WeakKeyDictionary()


def failures_of(world: ProvinceWorld) -> Failures:
    """The failures of this province, made at the first call."""
    if world not in _OF_WORLD:
        _OF_WORLD[world] = Failures(world)
    return _OF_WORLD[world]


class _FailingApp:
    def __init__(self, app: ASGIApp, failures: Failures) -> None:
        self._app, self._failures = app, failures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        failures = self._failures
        path = scope.get("path", "")
        if scope["type"] != "http" or not failures.applies(path):
            await self._app(scope, receive, send)
            return
        if failures.slow_seconds:
            await asyncio.sleep(failures.slow_seconds)
        if failures.take("unavailable"):
            await _send(send, _start(503, retry_after=failures.retry_after), b"")
            return
        if failures.take("lost_requests"):
            await _break(send, _start(200, retry_after=0), b"")
        failures.let_tokens_expire()
        answer = failures.repeated(path) or await _collect(self._app, scope, receive)
        start, body = answer
        if failures.late_seconds:
            await asyncio.sleep(failures.late_seconds)
        failures.remember(path, start, body)
        if failures.take("half_answers"):
            await _send(send, start, body[: len(body) // 2])
        elif failures.take("broken_answers"):
            await _break(send, start, body)
        elif failures.take("lost_answers"):
            await _break(send, start, b"")
        else:
            await _send(send, start, body)


def _start(status: int, *, retry_after: int) -> Message:
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (b"retry-after", str(retry_after).encode()),
            (b"content-type", b"text/plain; charset=utf-8"),
        ],
    }


async def _collect(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """The app's whole answer; pages are small enough to hold."""
    start: Message = {}
    parts: list[bytes] = []

    async def keep(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(scope, receive, keep)
    return start, b"".join(parts)


def _sized(start: Message, size: int) -> Message:
    headers = [pair for pair in start.get("headers", ()) if pair[0].lower() != b"content-length"]
    return {**start, "headers": [*headers, (b"content-length", str(size).encode())]}


async def _send(send: Send, start: Message, body: bytes) -> None:
    await send(_sized(start, len(body)))
    await send({"type": "http.response.body", "body": body})


async def _break(send: Send, start: Message, body: bytes) -> None:
    """Promise the whole body, give half of it and stop: the server then closes the connection."""
    await send(_sized(start, len(body) + 1))
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    raise ConnectionAbortedError("the simulated platform hangs up in the middle of an answer")
