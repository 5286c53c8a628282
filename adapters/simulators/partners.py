"""What the provinces run besides their platforms: two identity providers, and an archive that takes audit heads.

The demo's people and enterprises are synthetic; credit codes carry the area digits of where they were once registered
and a right check character, and belong to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import time
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

import schemas
from adapters.simulators.identity_provider import MISCHIEF, IdentityProvider, Registered

MOST_HEAD_BYTES = 8192


def credit_code(area: str, number: int) -> str:
    """A synthetic 统一社会信用代码: an enterprise (91) registered in this area."""
    return schemas.uscc.complete(f"91{area}MA{number:07d}"[:17])


JIAXING = {
    "credit_code": credit_code("330400", 2026001),
    "name": "嘉兴南湖新材料有限公司（合成）",
    "area": "330402",
    "address": "嘉兴市南湖区合成路 1 号",
    "authorised": True,
}
HUZHOU = {
    "credit_code": credit_code("330500", 2026002),
    "name": "湖州太湖光电有限公司（合成）",
    "area": "330502",
    "address": "湖州市吴兴区合成路 2 号",
    "authorised": True,
}

ZHEJIANG_PEOPLE = (
    Registered("zj-0001", "沈经办（嘉兴南湖新材料 · 合成）", "shen@example.cn", (JIAXING,)),
    Registered("zj-0002", "陆经办（湖州太湖光电 · 合成）", "lu@example.cn", (HUZHOU,)),
    Registered("zj-0003", "周自然人（未代表企业 · 合成）", "zhou@example.cn"),
)
SHANGHAI_PEOPLE = (
    Registered(
        "sh-0001", "顾某（自称代表嘉兴企业 · 合成）", "shen@example.cn", ({**JIAXING, "area": "310115"},)
    ),
    Registered("zj-0001", "与浙江同号的用户（合成）", "gu@example.cn"),
)


class Partners:
    """The running identity providers and the archive of one fleet."""

    def __init__(self, base_url: str, provinces: Iterable[str], clock: Callable[[], float] = time) -> None:
        base = base_url.rstrip("/")
        self.providers = {
            held.id: held
            for held in (
                IdentityProvider(
                    "zhejiang",
                    "330000",
                    f"{base}/identity/zhejiang",
                    "浙江省统一身份认证（模拟）",
                    "Zhejiang identity provider (simulated)",
                    ZHEJIANG_PEOPLE,
                    clock=clock,
                ),
                IdentityProvider(
                    "shanghai",
                    "310000",
                    f"{base}/identity/shanghai",
                    "上海市统一身份认证（模拟）",
                    "Shanghai identity provider (simulated)",
                    SHANGHAI_PEOPLE,
                    clock=clock,
                ),
            )
        }
        self.heads: dict[str, list[str]] = {code: [] for code in provinces}
        self._base = base

    def document(self) -> dict[str, Any]:
        """What the hub's operator writes down: the file of partners."""
        return {
            "identity_providers": [held.partner() for held in self.providers.values()],
            "audit_heads": {code: f"{self._base}/audit-heads/{code}" for code in self.heads},
        }

    @property
    def routes(self) -> list[Route | Mount]:
        """Everything these answer, and the door through which a provider is told to misbehave."""
        return [
            Route("/audit-heads/{code}", self._heads, methods=["GET", "POST"]),
            Route("/_control/identity/{id}/mischief", self._misbehave, methods=["PUT", "DELETE"]),
            *(Mount(f"/identity/{held.id}", routes=held.routes) for held in self.providers.values()),
        ]

    async def _heads(self, request: Request) -> Response:
        held = self.heads.get(request.path_params["code"])
        if held is None:
            return JSONResponse({"error": "没有这个省"}, 404)
        if request.method == "GET":
            return JSONResponse(held)
        text = (await request.body())[:MOST_HEAD_BYTES].decode("ascii", "replace")
        if text not in held:  # the same head again is the same head
            held.append(text)
        return Response(status_code=204)

    async def _misbehave(self, request: Request) -> Response:
        provider = self.providers.get(request.path_params["id"])
        if provider is None:
            return JSONResponse({"error": "没有这个身份认证平台"}, 404)
        wanted = [] if request.method == "DELETE" else orjson.loads(await request.body())
        if not isinstance(wanted, list) or not set(wanted) <= set(MISCHIEF):
            return JSONResponse({"error": f"可取：{', '.join(MISCHIEF)}"}, 400)
        provider.mischief = set(wanted)
        return JSONResponse(sorted(provider.mischief))
