"""What staff do: sign in, upload, decide on held deletions, read quarantined records. Forms only, no scripts."""

import re
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import select

from hub.catalog.models import Instrument
from hub.catalog.service import deletions, sync
from hub.core import audit, sequencer
from hub.core.outbox import OutboxRow
from hub.core.runtime import Runtime
from hub.federation import queries as federation
from tests.station_portal import world
from tests.station_portal.conftest import PASSWORD, csrf_of, text_of

SignIn = Callable[[str], str]


def holds(runtime: Runtime, province: str = world.EMPTIED) -> dict[str, int]:
    with runtime.database.read() as session:
        return {hold.resource: hold.id for hold in federation.holds(session, province)}


def carry_out(runtime: Runtime, hold_id: int) -> None:
    deletions.apply_decision(
        runtime.database, hold_id, clock=runtime.clock, pause=sync.pause_for(runtime.database)
    )


def listed(runtime: Runtime, province: str) -> int:
    with runtime.database.read() as session:
        rows = select(Instrument.id).where(Instrument.province == province, Instrument.is_listed)
        return len(session.scalars(rows).all())


def test_who_is_not_signed_in_is_led_to_the_form_and_back(visitor: httpx.Client) -> None:
    for path in ("/staff", "/staff/upload", "/staff/deletions", "/staff/quarantine", "/staff/quarantine/1"):
        answer = visitor.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/sign-in?next={path}"
    for path in ("/staff/upload", "/staff/deletions/1/release", f"/provinces/{world.MANY}/run"):
        assert visitor.post(path).status_code == 401


def test_signing_in_and_out(visitor: httpx.Client, sign_in: SignIn) -> None:
    token = sign_in("admin")
    page = visitor.get("/staff").text
    assert "演示管理员" in page
    assert "枢纽管理员" in page
    assert visitor.get("/staff").headers["cache-control"] == "private, no-store"
    assert visitor.post("/sign-out", data={"csrf_token": token}).status_code == 303
    assert visitor.get("/staff").status_code == 303


def test_a_wrong_password_says_so_beside_the_form(visitor: httpx.Client) -> None:
    answer = visitor.post(
        "/sign-in", data={"username": "admin", "password": "wrong", "next": "/staff/upload"}
    )
    assert answer.status_code == 401
    assert "<title>错误：" in answer.text
    assert "用户名或密码不正确" in answer.text
    assert 'value="admin"' in answer.text
    assert 'name="next" value="/staff/upload"' in answer.text
    assert "set-cookie" not in answer.headers


def test_too_many_attempts_are_slowed_down(visitor: httpx.Client) -> None:
    for _ in range(30):
        answer = visitor.post("/sign-in", data={"username": "admin", "password": "wrong"})
        if answer.status_code == 429:
            break
    assert answer.status_code == 429
    assert "登录尝试过于频繁" in answer.text


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_sign_in_never_leads_to_another_site(visitor: httpx.Client, address: str) -> None:
    answer = visitor.post("/sign-in", data={"username": "admin", "password": PASSWORD, "next": address})
    assert answer.headers["location"] == "/staff"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://hub.test"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://hub.test.evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/second-factor", "/invitations/x.y/join"])
def test_another_site_cannot_sign_visitors_in(
    visitor: httpx.Client, path: str, headers: dict[str, str]
) -> None:
    answer = visitor.post(path, data={"username": "admin", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://hub.test"},
        {
            "Origin": "http://127.0.0.1:8000"
        },  # what the settings call the hub, whatever a proxy writes into Host
    ],
)
def test_our_own_form_signs_in(visitor: httpx.Client, headers: dict[str, str]) -> None:
    form = {"username": "admin", "password": PASSWORD}
    assert visitor.post("/sign-in", data=form, headers=headers).status_code == 303


def test_nothing_changes_without_the_pages_token(
    visitor: httpx.Client, own_world: Runtime, sign_in: SignIn
) -> None:
    sign_in("admin")
    hold = holds(own_world)["instruments"]
    for data in ({}, {"csrf_token": "0" * 32}):
        answer = visitor.post(f"/staff/deletions/{hold}/release", data=data)
        assert answer.status_code == 403
        assert "未作任何更改" in answer.text
        assert visitor.post("/sign-out", data=data).status_code == 403
        assert visitor.post("/staff/upload", data=data).status_code == 403
        assert visitor.post(f"/provinces/{world.MANY}/run", data=data).status_code == 403
    with own_world.database.read() as session:
        held = federation.hold_by_id(session, hold)
        assert held is not None
        assert held.state == "open"


def test_held_deletions_name_what_they_are(visitor: httpx.Client, sign_in: SignIn) -> None:
    sign_in("admin")
    text = text_of(visitor.get("/staff/deletions").text)
    assert "湖南 · 仪器设备：6 条记录" in text
    assert "6 条记录将全部消失" in text
    assert "查看其中 6 条（共 6 条）" in text
    asked = visitor.get("/staff/deletions").text
    assert not re.search(r"<dialog[^>]* open", asked)


def test_the_question_is_a_page_without_scripts(
    visitor: httpx.Client, own_world: Runtime, sign_in: SignIn
) -> None:
    sign_in("admin")
    hold = holds(own_world)["instruments"]
    page = visitor.get("/staff/deletions").text
    assert f'href="/staff/deletions?confirm=release-{hold}#hold-{hold}"' in page
    asked = visitor.get(f"/staff/deletions?confirm=release-{hold}").text
    dialog = asked.partition(f'<dialog id="release-{hold}"')[2].partition("</dialog>")[0]
    assert " open>" in dialog
    assert "放行删除“湖南 · 仪器设备：6 条记录”？" in dialog


def test_release_withdraws_and_undo_brings_back(
    visitor: httpx.Client, own_world: Runtime, sign_in: SignIn
) -> None:
    token = sign_in("admin")
    hold = holds(own_world)["instruments"]
    answer = visitor.post(
        f"/staff/deletions/{hold}/release", data={"csrf_token": token, "note": "已与来源核实"}
    )
    assert answer.status_code == 303
    assert "已放行" in text_of(visitor.get(answer.headers["location"]).text)
    again = visitor.post(f"/staff/deletions/{hold}/release", data={"csrf_token": token})
    assert again.status_code == 303
    carry_out(own_world, hold)
    assert listed(own_world, world.EMPTIED) == 0
    page = text_of(visitor.get("/staff/deletions").text)
    assert "已与来源核实" in page
    assert "admin 于" in page
    assert visitor.post(f"/staff/deletions/{hold}/undo", data={"csrf_token": token}).status_code == 303
    carry_out(own_world, hold)
    assert listed(own_world, world.EMPTIED) == 6


def test_a_withdrawn_instrument_is_gone(visitor: httpx.Client, own_world: Runtime, sign_in: SignIn) -> None:
    page = visitor.get(f"/search?province={world.EMPTIED}").text
    path = re.findall(r"/instruments/43-[a-z2-7]{12}", page)[0]
    token = sign_in("admin")
    hold = holds(own_world)["instruments"]
    visitor.post(f"/staff/deletions/{hold}/release", data={"csrf_token": token})
    carry_out(own_world, hold)
    answer = visitor.get(path)
    assert answer.status_code == 410
    assert "由来源平台撤下" in answer.text


def test_undo_keeps_the_records_shown(visitor: httpx.Client, own_world: Runtime, sign_in: SignIn) -> None:
    token = sign_in("admin")
    hold = holds(own_world)["instruments"]
    visitor.post(f"/staff/deletions/{hold}/undo", data={"csrf_token": token})
    carry_out(own_world, hold)
    assert listed(own_world, world.EMPTIED) == 6
    late = visitor.post(f"/staff/deletions/{hold}/release", data={"csrf_token": token})
    assert late.status_code == 409
    assert "未能执行" in late.text


def test_staff_decide_for_their_own_province_only(
    visitor: httpx.Client, own_world: Runtime, sign_in: SignIn
) -> None:
    token = sign_in(f"staff-{world.MANY}")
    hold = holds(own_world)["instruments"]
    assert "湖南" not in text_of(visitor.get("/staff/deletions").text)
    answer = visitor.post(f"/staff/deletions/{hold}/release", data={"csrf_token": token})
    assert answer.status_code == 403
    assert visitor.post(f"/provinces/{world.EMPTIED}/run", data={"csrf_token": token}).status_code == 403
    assert visitor.post("/staff/deletions/99999/release", data={"csrf_token": token}).status_code == 404


def test_quarantine_shows_reasons_and_the_raw_record_to_its_province(
    visitor: httpx.Client, own_world: Runtime, sign_in: SignIn
) -> None:
    sign_in(f"staff-{world.MANY}")
    page = visitor.get("/staff/quarantine").text
    assert "U1|BAD" in page
    path = re.findall(r"/staff/quarantine/[0-9]+", page)[0]
    raw = text_of(visitor.get(path).text)
    assert "ZZ 99" in raw
    assert world.MOBILE in raw
    assert "查看已记入审计" in raw
    while sequencer.number_once(own_world.database):
        pass
    with own_world.database.read() as session:
        read = [
            entry.actor
            for entry in audit.read_entries(session, limit=1000)
            if entry.action == "portal.read_raw"
        ]
    assert read == [f"account:staff-{world.MANY}"]


def test_the_raw_record_is_for_its_own_province(visitor: httpx.Client, sign_in: SignIn) -> None:
    sign_in("admin")
    path = re.findall(
        r"/staff/quarantine/[0-9]+", visitor.get(f"/staff/quarantine?province={world.MANY}").text
    )[0]
    visitor.cookies.clear()
    sign_in(f"staff-{world.UPLOADS}")
    assert "U1|BAD" not in visitor.get("/staff/quarantine").text
    assert "U1|BAD" not in visitor.get(f"/staff/quarantine?province={world.MANY}").text
    answer = visitor.get(path)
    assert answer.status_code == 403
    assert "ZZ 99" not in answer.text
    assert visitor.get("/staff/quarantine/99999").status_code == 404


def upload(
    client: httpx.Client, token: str, name: str, content: bytes, target: str = f"{world.UPLOADS}:instruments"
) -> httpx.Response:
    return client.post(
        "/staff/upload", data={"csrf_token": token, "target": target}, files={"file": (name, content)}
    )


def test_an_upload_is_received_and_listed(visitor: httpx.Client, own_world: Runtime, sign_in: SignIn) -> None:
    token = sign_in(f"staff-{world.UPLOADS}")
    page = visitor.get("/staff/upload").text
    assert 'accept=".xlsx"' in page
    assert "仪器工作簿.xlsx" in page
    answer = upload(
        visitor, token, "十一月.xlsx", b'{"unit":"U1","number":"N1","name":"\xe4\xbb\xaa\xe5\x99\xa8"}\n'
    )
    assert answer.status_code == 303
    told = text_of(visitor.get(answer.headers["location"]).text)
    assert "文件已收下" in told
    assert "十一月.xlsx" in told
    assert "处理中" in told
    with own_world.database.read() as session:
        assert session.scalars(select(OutboxRow).where(OutboxRow.task_name == "catalog.take_upload")).all()


def test_what_is_wrong_with_a_file_is_said_beside_the_form(visitor: httpx.Client, sign_in: SignIn) -> None:
    token = sign_in(f"staff-{world.UPLOADS}")
    for name, content, words in (
        ("empty.xlsx", b"", "文件是空的"),
        ("photo.png", b"\x89PNG", "只接受以下类型的文件：.xlsx"),
    ):
        answer = upload(visitor, token, name, content)
        assert answer.status_code == 422, name
        assert words in text_of(answer.text)
        assert "<title>错误：" in answer.text
        assert 'href="#file"' in answer.text
    nothing = visitor.post(
        "/staff/upload", data={"csrf_token": token, "target": f"{world.UPLOADS}:instruments"}
    )
    assert nothing.status_code == 422
    assert "请选择要上传的文件" in nothing.text
    foreign = upload(visitor, token, "a.xlsx", b"x", target=f"{world.MANY}:instruments")
    assert foreign.status_code == 422
    assert "请选择报送内容" in foreign.text


def test_staff_of_a_province_without_uploads_are_told(visitor: httpx.Client, sign_in: SignIn) -> None:
    sign_in(f"staff-{world.MANY}")
    assert "不使用文件上传" in visitor.get("/staff/upload").text


def test_run_now_is_queued_and_told(visitor: httpx.Client, own_world: Runtime, sign_in: SignIn) -> None:
    token = sign_in(f"staff-{world.MANY}")
    answer = visitor.post(f"/provinces/{world.MANY}/run", data={"csrf_token": token})
    assert answer.status_code == 303
    assert "已排入同步队列" in visitor.get(answer.headers["location"]).text
    with own_world.database.read() as session:
        row = session.scalars(select(OutboxRow).where(OutboxRow.task_name == "catalog.sync_province")).one()
        assert row.payload["province"] == world.MANY


def test_staff_see_the_token_in_every_form(visitor: httpx.Client, sign_in: SignIn) -> None:
    token = sign_in("admin")
    for path in ("/", "/staff/upload", "/staff/deletions", f"/provinces/{world.MANY}"):
        page = visitor.get(path).text
        assert csrf_of(page) == token
        for form in re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL):
            assert token in form
