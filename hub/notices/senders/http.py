"""Channels over HTTP: an SMS gateway, and the chat robots of DingTalk and WeCom."""

import time
from collections.abc import Callable
from typing import Any

import httpx

from hub.notices import rules
from hub.notices.errors import SenderRefused, SenderUnreachable
from hub.notices.senders import Message

NewClient = Callable[[], httpx.Client]
"""A guarded client; it is closed after the message."""


class SmsGatewaySender:
    """`POST {id, to, text}` with a bearer token; any 2xx means taken. `id` lets the gateway drop a repetition."""

    def __init__(self, url: str, token: str, new_client: NewClient) -> None:
        self._url, self._token, self._new_client = url, token, new_client

    def send(self, message: Message) -> None:
        """Hand the text to the gateway."""
        _post(
            self._new_client,
            self._url,
            {"id": message.id, "to": message.address, "text": message.text},
            headers={"Authorization": f"Bearer {self._token}", "Idempotency-Key": message.id},
        )


class RobotSender:
    """A group robot: DingTalk (signed when the contact has a secret) or WeCom. Both answer 200 with `errcode`."""

    # Both platforms' codes for "too many messages in this minute".
    _LATER = frozenset({130101, 410100, 45009, -1})

    def __init__(
        self, channel: rules.Channel, new_client: NewClient, clock_ms: Callable[[], int] | None = None
    ) -> None:
        self._channel, self._new_client = channel, new_client
        self._clock_ms = clock_ms or (lambda: int(time.time() * 1000))

    def send(self, message: Message) -> None:
        """Post the text to the group."""
        query = {}
        if self._channel == "dingtalk" and message.secret:
            now = self._clock_ms()
            query = {"timestamp": str(now), "sign": rules.dingtalk_sign(message.secret, now)}
        told = {"msgtype": "text", "text": {"content": f"{message.title}\n{message.text}"}}
        url = httpx.URL(message.address)
        answer = _post(self._new_client, url.copy_merge_params(query), told)
        code = answer.get("errcode") if isinstance(answer, dict) else None
        if code in self._LATER:
            raise SenderUnreachable(f"{self._channel}: errcode {code}", retry_after=60.0)
        if code != 0:
            raise SenderRefused(f"{self._channel}: errcode {code}")


def _post(
    new_client: NewClient, url: httpx.URL | str, told: Any, headers: dict[str, str] | None = None
) -> Any:
    try:
        with new_client() as client:
            answer = client.post(url, json=told, headers=headers)
            answer.read()
    except httpx.HTTPError as fault:
        raise SenderUnreachable(f"{type(fault).__name__}: {fault}") from fault
    if answer.status_code == 429 or answer.status_code >= 500:
        raise SenderUnreachable(f"HTTP {answer.status_code}", retry_after=_seconds(answer))
    if not answer.is_success:
        raise SenderRefused(f"HTTP {answer.status_code}")
    try:
        return answer.json() if answer.content else None
    except ValueError:
        return None


def _seconds(answer: httpx.Response) -> float | None:
    told = answer.headers.get("retry-after", "")
    return min(float(told), 3600.0) if told.isascii() and told.isdigit() else None
