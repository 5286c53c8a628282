"""Who applies for vouchers and who decides in the small world: two enterprises, Guizhou's and Jiaxing's offices; all invented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape

import httpx
import pytest

import schemas
from hub.core.runtime import Runtime
from hub.identity import service as identity
from hub.identity.service import enterprises, parties
from hub.settlement import rules, service
from tests.station_portal.conftest import PASSWORD, browser_of, csrf_of, text_of

ACTOR = "system:test"
GUIZHOU = "demo-520000-voucher"
CODE = schemas.uscc.complete("91520100MA6E00003")
ACCOUNTS = {
    "first": ("province_staff", "520000", "52"),
    "second": ("province_finance", "520000", "52"),
    "bureau": ("bureau_staff", None, "3304"),
    "elsewhere": ("province_finance", "360000", "36"),
}
PDF = b"%PDF-1.7 synthetic"


@dataclass
class Stage:
    """Browsers by account, and the enterprise of Guiyang."""

    runtime: Runtime
    browsers: dict[str, httpx.Client]
    enterprise_id: str

    def __getitem__(self, name: str) -> httpx.Client:
        return self.browsers[name]

    def page(self, name: str, path: str, status: int = 200) -> str:
        answer = self.browsers[name].get(path)
        assert answer.status_code == status, text_of(answer.text)[:800]
        return answer.text

    def post(self, name: str, path: str, data: dict[str, object], **more: object) -> httpx.Response:
        token = csrf_of(self.browsers[name].get("/account").text)
        return self.browsers[name].post(path, data={"csrf_token": token, **data}, **more)  # type: ignore[arg-type]


def put_stage(runtime: Runtime, *, budget_fen: int = 100_000_000) -> str:
    """Programmes, people and this year's budget; the identifier of the enterprise."""
    now = runtime.clock()
    with runtime.database.write() as session:
        service.load_programmes(session, [*rules.published(), *rules.demo()], actor=ACTOR, now=now)
        made = {}
        for name, code, area in (
            ("贵阳合成新材料有限公司", CODE, "520103"),
            ("嘉兴合成科技有限公司", schemas.uscc.complete("91330400MA28A3B07"), "330402"),
        ):
            party = parties.put_enterprise(session, name, code, actor=ACTOR, now=now)
            home = enterprises.Verified(area, "合成路 1 号", "register_document", ACTOR)
            enterprises.set_home(session, party.id, home, now=now)
            made[area] = party.id
        for name, party_id in (("guiyang", made["520103"]), ("jiaxing", made["330402"])):
            identity.put_account(
                session, name, PASSWORD, role="enterprise_member", party_id=party_id, display_name=name,
                is_demo=True, actor=ACTOR, now=now,
            )  # fmt: skip
        for name, (role, province, area) in ACCOUNTS.items():
            identity.put_account(
                session, name, PASSWORD, role=role, province=province, area=area, display_name=f"{name}（合成）",
                is_demo=True, actor=ACTOR, now=now,
            )  # fmt: skip
        if budget_fen:
            service.fund(session, GUIZHOU, now.year, budget_fen, reference="合成", actor=ACTOR, now=now)
    return made["520103"]


@pytest.fixture
def stage(own_world: Runtime) -> Iterator[Stage]:
    enterprise_id = put_stage(own_world)
    with ExitStack() as stack:
        browsers = {}
        for name in ("guiyang", "jiaxing", *ACCOUNTS):
            browsers[name] = stack.enter_context(browser_of(own_world))
            answer = browsers[name].post("/sign-in", data={"username": name, "password": PASSWORD})
            assert answer.status_code == 303, text_of(answer.text)
        yield Stage(own_world, browsers, enterprise_id)


def inputs_of(page: str, action: str) -> dict[str, str]:
    """The fields of the form that goes to an address, as a browser without scripts would send them."""
    form = page.partition(f'action="{action}"')[2].partition("</form>")[0]
    assert form, f"no form to {action}: {text_of(page)[:600]}"
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        told = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag))
        if told.get("type") == "file" or (told.get("type") == "checkbox" and " checked" not in tag):
            continue
        if "name" in told:
            found[told["name"]] = unescape(told.get("value", ""))
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside) or re.search(r'value="([^"]*)"', inside)
        found[name] = "" if chosen is None else unescape(chosen[1])
    for name, inside in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found[name] = unescape(inside)
    return found
