"""Usage on its pages: the enterprise confirms or disputes, the station mends, both provinces decide; without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from sqlalchemy import select

from hub.identity import service as identity
from hub.settlement.models import RatedLine, Usage
from hub.settlement.service import usage as usages
from tests.station_portal import test_bookings, world
from tests.station_portal.booking_stage import ACTOR
from tests.station_portal.conftest import PASSWORD, browser_of, text_of
from tests.station_portal.test_booking_queue import arrived
from tests.station_portal.test_bookings import Stage, enter, give

stage = test_bookings.stage
HOSTILE = "<script>alert(1)</script>"
PDF, PNG = b"%PDF-1.7 signed", b"\x89PNG\r\n\x1a\n synthetic"


@pytest.fixture
def offices(stage: Stage) -> Iterator[dict[str, httpx.Client]]:
    """The staff of the station's province, of the enterprise's, and of a third one."""
    runtime = stage.runtime
    with runtime.database.write() as session:
        for name, province in (
            ("desk-visited", world.MANY),
            ("desk-home", "330000"),
            ("desk-third", "530000"),
        ):
            identity.put_account(
                session,
                name,
                PASSWORD,
                role="province_staff",
                province=province,
                display_name=name,
                is_demo=True,
                actor=ACTOR,
                now=runtime.clock(),
            )
    with ExitStack() as stack:
        held = {name: stack.enter_context(browser_of(runtime)) for name in ("visited", "home", "third")}
        for name, browser in held.items():
            enter(browser, f"desk-{name}")
        yield held


@pytest.fixture
def page(stage: Stage) -> str:
    """The page of a usage that was recorded at check-out."""
    (booking,) = arrived(stage, 1)
    for command in ("accept", "receive_samples", "check_in"):
        assert give(stage.station, booking, command).status_code == 303
    times = {"start": "2026-01-09T09:00", "end": "2026-01-09T11:00", "quantity": "1", "charging_unit": "item"}
    assert give(stage.station, booking, "check_out", **times).status_code == 303
    text = stage.enterprise.get(booking).text
    found = re.search(r'href="(/usage/us-[a-z2-7]{26})"', text)
    assert found, text_of(text)[:800]
    return found[1]


def token(browser: httpx.Client, page: str) -> dict[str, str]:
    """The page's token against forged forms."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)
    assert found
    return {"csrf_token": found[1]}


def send(browser: httpx.Client, page: str, command: str, content: bytes, **fields: str) -> httpx.Response:
    """A command's form as a browser sends it with a file."""
    form = browser.get(page).text.partition(f'action="{page}/commands/{command}"')[2].partition("</form>")[0]
    assert 'enctype="multipart/form-data"' in form
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    files = [("files", ("签字单.pdf", content, "application/octet-stream"))]
    return browser.post(f"{page}/commands/{command}", data={**hidden, **fields}, files=files)


def fetched(browser: httpx.Client, page: str) -> bytes:
    """The first file that the page offers, fetched by its button."""
    offered = re.search(rf'action="({page}/evidence/[0-9a-f]{{64}})"', browser.get(page).text)
    assert offered
    link = browser.post(offered[1], data=token(browser, page))
    assert link.status_code == 303
    answer = browser.get(link.headers["location"])
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    return answer.content


def usage_of(stage: Stage) -> Usage:
    with stage.runtime.database.read() as session:
        return session.scalars(select(Usage)).one()


def test_the_enterprise_confirms_from_the_booking(stage: Stage, page: str) -> None:
    told = text_of(stage.enterprise.get(page).text)
    for words in ("待企业确认", "确认期限", "第 1 次 · 站内信", "确认使用记录", "提出异议"):
        assert words in told
    assert give(stage.enterprise, page, "confirm").headers["location"] == f"{page}?told=confirm"
    told = text_of(stage.enterprise.get(f"{page}?told=confirm").text)
    assert "已确认，费用和分担已写入计价行。" in told
    assert "已计价" in told
    assert "全部自付" in told
    assert "确认使用记录" not in told
    listed = text_of(stage.enterprise.get("/usage?view=settling").text)
    assert usage_of(stage).order_number in listed
    assert "这里没有使用记录" in text_of(stage.enterprise.get("/usage").text)


def test_only_who_is_concerned_sees_it(stage: Stage, page: str, offices: dict[str, httpx.Client]) -> None:
    assert stage.stranger.get(page).status_code == 404
    assert offices["third"].get(page).status_code == 404
    for browser in (stage.station, offices["visited"], offices["home"]):
        text = browser.get(page).text
        assert "确认使用记录" not in text_of(text)
    assert usage_of(stage).order_number not in stage.stranger.get("/usage?view=all").text


def test_a_dispute_is_decided_by_both_desks(
    stage: Stage, page: str, offices: dict[str, httpx.Client]
) -> None:
    refused = give(stage.enterprise, page, "dispute", text=HOSTILE)
    assert refused.status_code == 422
    assert "请选择事由" in text_of(refused.text)
    assert HOSTILE not in refused.text
    assert "&lt;script&gt;" in refused.text, "what was typed stays"
    assert give(stage.enterprise, page, "dispute", reason="time_wrong", text=HOSTILE).status_code == 303
    desk = offices["visited"].get(page).text
    assert HOSTILE not in desk
    for words in ("异议与裁定", "使用时间不符", "订单留痕", "作出裁定"):
        assert words in text_of(desk)
    assert usage_of(stage).order_number in text_of(offices["home"].get("/usage?view=disputed").text)
    told = {"reason": "evidence_against", "outcome": "amend", "start": "", "end": "", "hours": "0.5"}
    wrong = give(offices["visited"], page, "decide", **{**told, "hours": "很久"})
    assert (wrong.status_code, "机时请填" in text_of(wrong.text), "很久" in wrong.text) == (422, True, True)
    assert give(offices["visited"], page, "decide", **told).status_code == 303
    assert "有异议" in text_of(offices["visited"].get(page).text)
    assert give(offices["home"], page, "decide", **told).status_code == 303
    told_now = text_of(stage.enterprise.get(page).text)
    assert "已计价" in told_now
    assert "两省裁定" in told_now
    assert "第 2 版" in told_now


def test_a_returned_line_is_mended_by_the_station(stage: Stage, page: str) -> None:
    give(stage.enterprise, page, "confirm")
    with stage.runtime.database.write() as session:
        line = session.scalars(select(RatedLine)).one()
        usages.return_line(
            session, line.id, "evidence_missing", text="缺签字单", by="account:f", now=stage.runtime.clock()
        )
    assert usage_of(stage).order_number in text_of(stage.station.get("/usage?view=returned").text)
    told = text_of(stage.station.get(page).text)
    for words in ("缺少使用证据", "缺签字单", "更正或补充证据"):
        assert words in told
    fields = {"reason": "returned_mended", "kind": "sign_sheet", "evidence_name": "签字单"}
    wrong = send(stage.station, page, "amend", b"MZ\x90 no paper", **fields)
    assert wrong.status_code == 422
    assert "证据须为照片" in text_of(wrong.text)
    assert send(stage.station, page, "amend", PDF, **fields).status_code == 303
    shown = stage.enterprise.get(page).text
    assert "签字单" in text_of(shown)
    assert fetched(stage.enterprise, page) == PDF


def test_files_of_a_dispute(stage: Stage, page: str, offices: dict[str, httpx.Client]) -> None:
    told = send(stage.enterprise, page, "dispute", PNG, reason="time_wrong", kind="photo")
    assert told.headers["location"] == f"{page}?told=dispute"
    assert "双方提交的文件" in text_of(offices["home"].get(page).text)
    assert fetched(offices["visited"], page) == PNG
    empty = stage.station.post(f"{page}/evidence", data={"kind": "photo", **token(stage.station, page)})
    assert (empty.status_code, "请选择要上传的文件" in text_of(empty.text)) == (422, True)
    added = stage.station.post(
        f"{page}/evidence",
        data={"kind": "run_log", "evidence_name": HOSTILE, **token(stage.station, page)},
        files=[("files", ("a.log", b"10:00 on\n", "text/html"))],
    )
    assert added.status_code == 303
    shown = stage.enterprise.get(added.headers["location"]).text
    assert HOSTILE not in shown
    assert "文件已提交" in text_of(stage.station.get(added.headers["location"]).text)
    assert "提交证据" not in text_of(offices["home"].get(page).text), "who decides hands in nothing"
    sha256 = re.findall(r"/evidence/([0-9a-f]{64})", shown)[0]
    assert (
        stage.stranger.post(f"{page}/evidence/{sha256}", data=token(stage.stranger, "/usage")).status_code
        == 404
    )


def test_the_same_form_twice_is_one_confirmation(stage: Stage, page: str) -> None:
    text = stage.enterprise.get(page).text
    form = text.partition(f'action="{page}/commands/confirm"')[2].partition("</form>")[0]
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    answers = [stage.enterprise.post(f"{page}/commands/confirm", data=hidden) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    stale = stage.enterprise.post(
        f"{page}/commands/confirm", data={**hidden, "key": "another-key-for-this-1"}
    )
    assert (stale.status_code, "现为「rated」" in text_of(stale.text)) == (422, True)


def test_without_a_token_nothing_is_done(stage: Stage, page: str) -> None:
    assert stage.enterprise.post(f"{page}/commands/confirm", data={"key": "k" * 20}).status_code == 403
    assert usage_of(stage).state == "submitted"


def test_in_english(stage: Stage, page: str) -> None:
    told = text_of(stage.enterprise.get(f"{page}?lang=en").text)
    for words in ("Waits for the enterprise", "Usage", "Confirm"):
        assert words in told
