"""Trainings on a page: certified by credit code, counted for the booking's eligibility, taken back."""

from __future__ import annotations

import pytest

import schemas
from hub.availability import queries
from hub.identity.service import parties
from tests.station_portal.conftest import text_of
from tests.station_portal.keeping.conftest import Desks

CODE = schemas.uscc.complete("91330400MA2B0Q1A2")
FORM = {"credit_code": CODE, "code": "sem-basic", "valid_until": "2026-12-31"}


def _page(desks: Desks) -> str:
    return f"/staff/institutions/{desks.institution_id}/trainings"


def _enterprise(desks: Desks) -> str:
    with desks.runtime.database.write() as session:
        held = parties.put_enterprise(
            session, "嘉兴合成材料有限公司（虚构）", credit_code=CODE, actor="system:test", now=desks.now
        )
        return held.id


def _held(desks: Desks) -> list[tuple[str, str]]:
    with desks.runtime.database.read() as session:
        return [(each.code, each.holder) for each in queries.trainings(session, desks.institution_id)]


def test_a_training_is_certified_and_revoked(desks: Desks) -> None:
    enterprise_id = _enterprise(desks)
    for _ in range(2):
        answer = desks.post("operator", _page(desks), FORM)
        assert answer.status_code == 303, answer.text
    assert _held(desks) == [("sem-basic", enterprise_id)]
    page = text_of(desks.page("manager", answer.headers["location"]))
    assert "已登记，该企业即可自行上机预约" in page
    assert "嘉兴合成材料有限公司（虚构） sem-basic" in page
    assert "有效至 2026-12-31" in page
    back = f"{_page(desks)}/sem-basic/{enterprise_id}/revoke"
    assert desks.post("manager", back, {}).status_code == 303
    assert _held(desks) == []
    assert desks.post("manager", back, {}).status_code == 303


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"credit_code": "91330400"}, "credit_code", "应为 18 位统一社会信用代码"),
        ({"credit_code": schemas.uscc.complete("91330400MA2B0Q1A3")}, "credit_code", "没有这家企业"),
        ({"code": "SEM 基础"}, "code", "小写"),
        ({"valid_until": "2025-12-31"}, "valid_until", "有效期已过"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    desks: Desks, change: dict[str, str], field: str, words: str
) -> None:
    _enterprise(desks)
    answer = desks.post("manager", _page(desks), {**FORM, **change})
    assert answer.status_code == 422
    assert words in text_of(answer.text)
    assert f'id="{field}-wrong"' in answer.text
    assert f'value="{({**FORM, **change})["code"]}"' in answer.text
    assert _held(desks) == []


def test_others_do_not_certify(desks: Desks) -> None:
    _enterprise(desks)
    for who in ("stranger", "station"):
        assert desks.browsers[who].get(_page(desks)).status_code == 403
        assert desks.post(who, _page(desks), FORM).status_code == 403
    assert _held(desks) == []
