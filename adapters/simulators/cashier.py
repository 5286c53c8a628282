"""An online payment provider: orders, a page on which one pays, signed notifications, queries, refunds; and mischief.

Simulated (no provider's own interface): JSON over HTTP as the hub's operator would be given it.

    POST /orders            {order, fen, subject, payee, return_url, notify_url, expires_at} → 201 {id, redirect_url}
    GET  /orders/{order}    → {state: open | paid | closed, id, fen?} or 404
    POST /refunds           {refund, order, fen, reason} → {state: open | paid, fen}
    GET  /refunds/{refund}  → {state, fen} or 404
    GET  /pay/{order}       the page; POST {do: pay | give_up} pays or closes, then sends the browser to `return_url`

Merchants identify themselves by HTTP Basic. The same `order` or `refund` again is the first one, other content under it is
refused (409). A notification is `{message, order, state, fen}`, signed with Ed25519 over `<Pay-Timestamp>\\n<body>`; it is
sent until it is answered with 2xx. Everything is kept in a file, so that it outlives the process. All money is play money.
"""

from __future__ import annotations

import base64
import hmac
import threading
import time
from collections.abc import Callable
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

MISCHIEF = (
    "unavailable",  # every address answers 503, nothing happens
    "lose_answer",  # what was asked is done, the answer is lost (504)
    "lose_notification",
    "repeat_notification",  # the same one three times
    "delay_notification",  # waits until somebody calls `deliver_late`
    "notify_other_amount",
    "receive_other_amount",  # the payer really pays another amount
    "forge_notification",  # signed with a key of its own
    "stale_notification",  # signed an hour ago
    "notify_closed_after_paid",
    "refund_slowly",  # a refund stays open until it is asked about
)

Deliver = Callable[[str, dict[str, str], bytes], bool]
"""Brings a notification to an address; whether it was taken."""


def post(address: str, headers: dict[str, str], body: bytes) -> bool:
    """Over HTTP; whether the answer was 2xx."""
    try:
        return httpx.post(address, content=body, headers=headers, timeout=5.0).is_success
    except httpx.HTTPError:
        return False


class Cashier:
    """One running provider. `clock` gives seconds since 1970. Without a folder nothing is kept."""

    def __init__(
        self,
        base_url: str,
        folder: Path | None = None,
        *,
        clock: Callable[[], float] = time.time,
        deliver: Deliver = post,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.merchant, self.secret = "jiangyihui", "synthetic-merchant-secret"
        self.mischief: set[str] = set()
        self.late: list[tuple[str, dict[str, str], bytes]] = []
        self._file = None if folder is None else folder / "cashier.json"
        self._clock, self._deliver = clock, deliver
        self._lock = threading.RLock()
        self._key = Ed25519PrivateKey.generate()
        self.orders: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self._messages = 0
        self._read()

    def terms(self) -> dict[str, Any]:
        """What the hub's operator writes down about this provider."""
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {
            "base_url": self.base_url,
            "merchant": self.merchant,
            "secret": self.secret,
            "public_key": base64.b64encode(raw).decode(),
            "name_zh": "在线支付（演示）",
            "name_en": "Online payment (demo)",
        }

    def answer(
        self, method: str, path: str, content: dict[str, Any] | None, authorization: str
    ) -> tuple[int, dict[str, Any]]:
        """One exchange of a merchant: status and body."""
        told = base64.b64encode(f"{self.merchant}:{self.secret}".encode()).decode()
        if "unavailable" in self.mischief:
            return 503, {"error": "维护中"}
        if not hmac.compare_digest(authorization, f"Basic {told}"):
            return 401, {"error": "unknown merchant"}
        with self._lock:
            status, body = self._answer(method, path, content)
            self._keep()
        if "lose_answer" in self.mischief and method == "POST":
            return 504, {"error": "timeout"}
        return status, body

    def pay(self, order_id: str) -> None:
        """The payer pays; a notification goes out. Paying twice is once."""
        with self._lock:
            order = self.orders[order_id]
            self._expire(order)
            if order["state"] != "open":
                return
            order["state"] = "paid"
            order["received"] = order["fen"] + ("receive_other_amount" in self.mischief)
            self._keep()
        self._notify(order)

    def give_up(self, order_id: str) -> None:
        """The payer turns back: the order is closed."""
        with self._lock:
            order = self.orders[order_id]
            if order["state"] == "open":
                order["state"] = "closed"
                self._keep()
        self._notify(order)

    def deliver_late(self) -> int:
        """Send what waits, signed anew with the present time; how many were taken. What is not taken waits on."""
        with self._lock:
            waiting, self.late = self.late, []
        taken = 0
        for address, _, body in waiting:
            if self._deliver(address, self._signed(body), body):
                taken += 1
            else:
                self.late.append((address, {}, body))
        return taken

    def sign(
        self, body: bytes, *, at: float | None = None, key: Ed25519PrivateKey | None = None
    ) -> dict[str, str]:
        """The headers of a notification."""
        stamp = str(int(self._clock() if at is None else at))
        signature = (key or self._key).sign(f"{stamp}\n".encode() + body)
        return {
            "Content-Type": "application/json",
            "Pay-Timestamp": stamp,
            "Pay-Signature": base64.b64encode(signature).decode(),
        }

    # --- inside ----------------------------------------------------------------------------------------------------

    def _answer(self, method: str, path: str, content: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
        what, _, name = path.strip("/").partition("/")
        if (method, what) == ("POST", "orders") and content is not None:
            return self._take_order(content)
        if (method, what) == ("POST", "refunds") and content is not None:
            return self._take_refund(content)
        if (method, what) == ("GET", "orders") and name in self.orders:
            order = self.orders[name]
            self._expire(order)
            told = {"state": order["state"], "id": order["id"]}
            return 200, told | ({"fen": order["received"]} if order["state"] == "paid" else {})
        if (method, what) == ("GET", "refunds") and name in self.refunds:
            refund = self.refunds[name]
            refund["state"] = "paid"
            return 200, {"state": "paid", "fen": refund["fen"]}
        return 404, {"error": "unknown"}

    def _take_order(self, content: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        name = content["order"]
        held = self.orders.get(name)
        if held is not None and held["fen"] != content["fen"]:
            return 409, {"error": "another amount under this order"}
        if held is None:
            number = f"cx{len(self.orders) + 1:08d}"
            held = self.orders[name] = {
                **content,
                "id": number,
                "state": "open",
                "received": 0,
                "returned": 0,
            }
        return 201, {"id": held["id"], "redirect_url": f"{self.base_url}/pay/{name}"}

    def _take_refund(self, content: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        name = content["refund"]
        held = self.refunds.get(name)
        if held is None:
            order = self.orders.get(content["order"])
            if order is None or order["received"] - order["returned"] < content["fen"]:
                return 409, {"error": "more than was received"}
            order["returned"] += content["fen"]
            state = "open" if "refund_slowly" in self.mischief else "paid"
            held = self.refunds[name] = {**content, "state": state}
        elif held["fen"] != content["fen"]:
            return 409, {"error": "another amount under this refund"}
        return 200, {"state": held["state"], "fen": held["fen"]}

    def _expire(self, order: dict[str, Any]) -> None:
        if (
            order["state"] == "open"
            and self._clock() > datetime.fromisoformat(order["expires_at"]).timestamp()
        ):
            order["state"] = "closed"

    def _notify(self, order: dict[str, Any]) -> None:
        paid = order["state"] == "paid"
        fen = order["received"] + ("notify_other_amount" in self.mischief)
        bodies = [self._message(order["order"], order["state"], fen if paid else None)]
        if paid and "notify_closed_after_paid" in self.mischief:
            bodies.append(self._message(order["order"], "closed", None))
        if "lose_notification" in self.mischief:
            return
        for body in bodies * (3 if "repeat_notification" in self.mischief else 1):
            headers = self._signed(body)
            if "delay_notification" in self.mischief or not self._deliver(order["notify_url"], headers, body):
                self.late.append((order["notify_url"], headers, body))

    def _signed(self, body: bytes) -> dict[str, str]:
        if "forge_notification" in self.mischief:
            return self.sign(body, key=Ed25519PrivateKey.generate())
        return self.sign(body, at=self._clock() - 3600 if "stale_notification" in self.mischief else None)

    def _message(self, order: str, state: str, fen: int | None) -> bytes:
        self._messages += 1
        told: dict[str, Any] = {"message": f"m{self._messages:08d}-{order}", "order": order, "state": state}
        return orjson.dumps(told if fen is None else {**told, "fen": fen})

    def _keep(self) -> None:
        if self._file is None:
            return
        key = base64.b64encode(self._key.private_bytes_raw()).decode()
        told = {"key": key, "orders": self.orders, "refunds": self.refunds, "messages": self._messages}
        half = self._file.with_suffix(".half")
        half.write_bytes(orjson.dumps(told))
        half.replace(self._file)

    def _read(self) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        if self._file.exists():
            held = orjson.loads(self._file.read_bytes())
            self._key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(held["key"]))
            self.orders, self.refunds, self._messages = held["orders"], held["refunds"], held["messages"]
        self._keep()

    # --- over HTTP -------------------------------------------------------------------------------------------------

    @property
    def routes(self) -> list[BaseRoute]:
        """What it answers, mounted at its base address."""
        return [
            Route("/orders", self._serve, methods=["POST"]),
            Route("/orders/{name}", self._serve),
            Route("/refunds", self._serve, methods=["POST"]),
            Route("/refunds/{name}", self._serve),
            Route("/pay/{name}", self._page),
            Route("/pay/{name}", self._choose, methods=["POST"]),
        ]

    async def _serve(self, request: Request) -> Response:
        content = orjson.loads(await request.body()) if request.method == "POST" else None
        path = "/" + "/".join(
            request.url.path.strip("/").split("/")[-2 if "name" in request.path_params else -1 :]
        )
        told = request.headers.get("authorization", "")
        status, body = self.answer(request.method, path, content, told)
        return JSONResponse(body, status)

    async def _page(self, request: Request) -> Response:
        order = self.orders.get(request.path_params["name"])
        if order is None:
            return HTMLResponse("没有这笔订单", 404)
        self._expire(order)
        amount = f"{order['fen'] // 100}.{order['fen'] % 100:02d}"
        words = {"open": "", "paid": "已支付", "closed": "已关闭"}[order["state"]]
        buttons = (
            '<form method="post"><button name="do" value="pay">确认支付（演示，不会扣款）</button> '
            '<button name="do" value="give_up">取消</button></form>'
            if order["state"] == "open"
            else f'<p>{words}。<a href="{escape(order["return_url"])}">返回</a></p>'
        )
        return HTMLResponse(
            '<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"><title>在线支付（演示）</title>'
            "<body style='font:16px/1.6 sans-serif;max-width:30em;margin:3em auto;padding:0 1em'>"
            f"<h1>在线支付（演示）</h1><p>{escape(order['subject'])}</p><p><b>¥{amount}</b></p>{buttons}"
        )

    async def _choose(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self.orders:
            return HTMLResponse("没有这笔订单", 404)
        form = await request.form()
        act = self.pay if form.get("do") == "pay" else self.give_up
        # The browser does not wait for the merchant to take the notification.
        threading.Thread(target=act, args=(name,), daemon=True).start()
        return RedirectResponse(self.orders[name]["return_url"], 303)
