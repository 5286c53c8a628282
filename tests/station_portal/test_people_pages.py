"""Account, organisation, invitations, cases, people and audit as pages: forms only, no scripts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from hub.cli import demo_people
from hub.core import sequencer
from hub.core.runtime import Runtime
from hub.identity import queries, rules
from hub.identity.models import Account, Case, Grant, Person, SecondFactor
from hub.identity.service import enterprises, second_factors
from tests.second_factor import code_at, set_up
from tests.station_portal import world
from tests.station_portal.conftest import browser_of, copy_of, csrf_of, text_of

Enter = Callable[[str], httpx.Client]
PDF = b"%PDF-1.7 synthetic"


@pytest.fixture(scope="module")
def _peopled(small_world: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """The small world with the demo's people, made once."""
    runtime = copy_of(small_world, tmp_path_factory.mktemp("people") / "home")
    demo_people.put_offices(runtime.database, demo_people.belt(), clock=runtime.clock)
    yield runtime
    runtime.close()


@pytest.fixture
def hub(_peopled: Runtime, tmp_path: Path) -> Iterator[Runtime]:
    """A copy of it that a test may change."""
    runtime = copy_of(_peopled, tmp_path / "home")
    yield runtime
    runtime.close()


_opened: list[httpx.Client] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


def browser(hub: Runtime) -> httpx.Client:
    """A browser of its own, closed when the test ends."""
    _opened.append(browser_of(hub))
    return _opened[-1]


@pytest.fixture
def enter(hub: Runtime) -> Enter:
    """Sign somebody in by the form, in a browser of their own."""

    def sign_in(username: str) -> httpx.Client:
        client = browser(hub)
        answer = client.post("/sign-in", data={"username": username, "password": demo_people.PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    return sign_in


def send(client: httpx.Client, page: str, action: str, **fields: object) -> httpx.Response:
    """Send a form of a page with the token that the page carries."""
    token = csrf_of(client.get(page).text)
    files = fields.pop("files", None)
    return client.post(action, data={"csrf_token": token, **fields}, files=files)  # type: ignore[arg-type]


def read(client: httpx.Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200, (page, answer.status_code)
    return text_of(answer.text)


def test_where_people_land(enter: Enter, hub: Runtime) -> None:
    for username, place in (("jiaxing-manager", "/account"), ("bureau-3304", "/staff")):
        client = browser(hub)
        answer = client.post("/sign-in", data={"username": username, "password": demo_people.PASSWORD})
        assert answer.headers["location"] == place


@pytest.mark.parametrize(
    ("username", "sees", "does_not"),
    [
        ("bureau-3304", ["企业核实与变更"], ["上传数据文件", "人员与驿站", "审计记录"]),
        ("auditor", ["企业核实与变更", "审计记录"], ["人员与驿站", "上传数据文件"]),
        ("auditor-33", ["企业核实与变更"], ["人员与驿站"]),
        ("station-310000", [], ["企业核实与变更", "人员与驿站", "上传数据文件", "审计记录"]),
        ("staff-530000", ["上传数据文件", "人员与驿站"], ["审计记录"]),
    ],
)
def test_a_workspace_shows_what_the_role_may(
    enter: Enter, hub: Runtime, username: str, sees: list[str], does_not: list[str]
) -> None:
    if username.startswith("staff-"):
        client = browser(hub)
        client.post("/sign-in", data={"username": username, "password": "a-long-enough-password"})
    else:
        client = enter(username)
    page = read(client, "/staff")
    assert [words for words in sees if words not in page] == []
    assert [words for words in does_not if words in page] == []


# --- the account ----------------------------------------------------------------------------------------------------


def test_switching_what_one_acts_as(enter: Enter) -> None:
    client = enter("jiaxing-manager")
    page = client.get("/organisation").text
    assert "嘉兴秀洲" in text_of(page)
    number = re.search(r'name="grant" value="(\d+)"', page)
    assert number is not None
    assert send(client, "/organisation", "/account/act", grant=number.group(1)).status_code == 303
    page = client.get("/organisation").text
    assert "湖州吴兴" in text_of(page)
    assert "生成邀请链接" not in page
    refused = client.post(
        "/organisation/invitations", data={"csrf_token": csrf_of(page), "role": "enterprise_member"}
    )
    assert refused.status_code == 403


def test_ending_another_session(enter: Enter) -> None:
    mine, other = enter("jiaxing-manager"), enter("jiaxing-manager")
    page = mine.get("/account").text
    handle = re.search(r'name="handle" value="([0-9a-f]{16})"', page)
    assert handle is not None
    assert send(mine, "/account", "/account/sessions/end", handle=handle.group(1)).status_code == 303
    assert other.get("/account").headers["location"] == "/sign-in?next=/account"
    assert mine.get("/account").status_code == 200


def test_changing_the_password(enter: Enter, hub: Runtime) -> None:
    mine, other = enter("jiaxing-manager"), enter("jiaxing-manager")
    new = "another-long-password"
    for old, wanted, status in (
        ("wrong", new, 401),
        (demo_people.PASSWORD, "short", 422),
        (demo_people.PASSWORD, new, 303),
    ):
        answer = send(mine, "/account", "/account/password", old=old, new=wanted)
        assert answer.status_code == status
    assert mine.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    client = browser(hub)
    for password, status in ((demo_people.PASSWORD, 401), (new, 303)):
        told = {"username": "jiaxing-manager", "password": password}
        assert client.post("/sign-in", data=told).status_code == status


def test_a_second_factor_from_the_account(enter: Enter, hub: Runtime) -> None:
    client = enter("jiaxing-member")
    send(client, "/account", "/account/second-factor")
    with hub.database.read() as session:
        secret = second_factors.secret_of(session.scalars(select(SecondFactor)).one(), hub.sealing)
    assert secret[:4] in client.get("/account").text
    assert send(client, "/account", "/account/second-factor/code", code="000000").status_code == 401
    done = send(client, "/account", "/account/second-factor/code", code=code_at(hub.clock(), secret))
    assert len(re.findall(r"<li><code>", done.text)) == 10
    assert "剩余 10 个恢复码" in read(client, "/account")
    again = send(client, "/account", "/account/recovery-codes", code=code_at(hub.clock(), secret))
    assert again.status_code == 401, "the same code twice"
    hub.clock.advance(30)  # type: ignore[attr-defined]
    renewed = send(client, "/account", "/account/recovery-codes", code=code_at(hub.clock(), secret))
    assert set(re.findall(r"<code>([a-z2-7-]{19})</code>", renewed.text)).isdisjoint(
        re.findall(r"<code>([a-z2-7-]{19})</code>", done.text)
    )


# --- organisation and invitations -----------------------------------------------------------------------------------


def invite(client: httpx.Client, page: str = "/organisation", **fields: object) -> str:
    answer = send(client, page, f"{page}/invitations", **fields)
    assert answer.status_code == 200, answer.text
    found = re.search(r"/invitations/([\w-]+)\"", answer.text)
    assert found is not None
    return found.group(1)


def test_an_invited_person_makes_an_account_and_joins(enter: Enter, hub: Runtime) -> None:
    token = invite(enter("jiaxing-manager"), role="enterprise_member", note="小李")
    client = browser(hub)
    page = client.get(f"/invitations/{token}")
    assert page.headers["cache-control"] == "no-store"
    assert "企业成员 · 嘉兴秀洲" in text_of(page.text)
    told = {"name": "李（合成）", "username": "jiaxing-manager", "password": demo_people.PASSWORD}
    taken = client.post(f"/invitations/{token}/join", data=told)
    assert (taken.status_code, "该用户名已被使用" in taken.text) == (422, True)
    assert 'value="李（合成）"' in taken.text
    with hub.database.read() as session:
        before = len(session.scalars(select(Person.id)).all())
    short = client.post(f"/invitations/{token}/join", data=told | {"username": "li", "password": "short"})
    assert short.status_code == 422
    with hub.database.read() as session:
        assert len(session.scalars(select(Person.id)).all()) == before, "nothing is half made"
    joined = client.post(f"/invitations/{token}/join", data=told | {"username": "li"})
    assert joined.status_code == 303
    assert client.get(f"/invitations/{token}").status_code == 410
    client.post("/sign-in", data={"username": "li", "password": demo_people.PASSWORD})
    assert "李（合成）" in read(client, "/organisation")


def test_who_is_signed_in_accepts_as_themselves(enter: Enter) -> None:
    token = invite(enter("jiaxing-manager"), role="enterprise_manager")
    client = enter("huzhou-manager")
    assert send(client, f"/invitations/{token}", f"/invitations/{token}/accept").status_code == 303
    assert "企业管理员 · 嘉兴秀洲" in read(client, "/account")


def test_a_manager_ends_memberships_but_not_the_last_of_their_own(enter: Enter, hub: Runtime) -> None:
    client = enter("jiaxing-manager")
    with hub.database.read() as session:
        grants = {
            account.username: queries.grants_of(session, account.person_id)[0].id
            for account in session.scalars(select(Account))
        }
    mine, members = grants["jiaxing-manager"], grants["jiaxing-member"]
    foreign = grants["huzhou-manager"]
    assert send(client, "/organisation", f"/organisation/members/{foreign}/end").status_code == 403
    last = send(client, "/organisation", f"/organisation/members/{mine}/end")
    assert (last.status_code, "唯一的管理员" in last.text) == (409, True)
    assert send(client, "/organisation", f"/organisation/members/{members}/end").status_code == 303
    assert "王工程师" not in read(client, "/organisation")


def test_an_institution_has_its_people_too(enter: Enter, hub: Runtime) -> None:
    missing = demo_people.put_institutions(hub.database, [world.MANY], clock=hub.clock)
    assert missing == set()
    client = enter(f"institution-{world.MANY}")
    page = read(client, "/organisation")
    assert "机主" in page
    assert "归属地" not in page
    token = invite(client, role="instrument_operator")
    assert "机主 · 合成大学" in text_of(browser(hub).get(f"/invitations/{token}").text)


# --- cases ----------------------------------------------------------------------------------------------------------


def claim(client: httpx.Client, **changed: object) -> httpx.Response:
    fields: dict[str, object] = {
        "credit_code": " 91330400ma2026777m ",
        "name": "新企业（合成）",
        "area": "330402",
        "address": "南湖区 7 号",
        "files": {"document": ("执照.pdf", PDF)},
    }
    return send(client, "/enterprise/claim", "/enterprise/claim", **(fields | changed))


def test_an_enterprise_from_request_to_booking_rights(enter: Enter, hub: Runtime) -> None:
    code = demo_people.schemas.uscc.complete("91330400MA2026777")
    client = enter("huzhou-manager")
    assert claim(client, credit_code=f" {code.lower()} ").status_code == 303
    assert "待办理" in read(client, "/account")
    bureau = enter("bureau-3304")
    page = bureau.get("/staff/cases").text
    assert code in text_of(page)
    document = re.search(r"/staff/cases/documents/\d+", page)
    assert document is not None
    held = bureau.get(document.group(0))
    assert held.content == PDF
    assert held.headers["content-disposition"].startswith("attachment")
    assert held.headers["x-content-type-options"] == "nosniff"
    assert enter("bureau-310115").get(document.group(0)).status_code == 403
    action = re.search(r'action="(/staff/cases/case-[a-z2-7]+)/confirm"', page)
    assert action is not None
    assert send(bureau, "/staff/cases", f"{action.group(1)}/confirm", note="已核").status_code == 303
    again = send(bureau, "/staff/cases", f"{action.group(1)}/refuse")
    assert (again.status_code, "已办结" in again.text) == (409, True)
    assert "企业管理员 · 新企业" in read(client, "/account")


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"credit_code": "91330400MA20267770"}, 422, "末位校验"),
        ({"area": ""}, 422, "市或区县"),
        ({"files": {"document": ("x.pdf", b"MZ")}}, 422, "PDF、JPEG 或 PNG"),
        ({"credit_code": demo_people.ENTERPRISE[1]}, 409, "已有管理员"),
    ],
)
def test_a_refused_request_keeps_its_input(
    enter: Enter, hub: Runtime, changed: dict[str, object], status: int, words: str
) -> None:
    code = demo_people.schemas.uscc.complete("91330400MA2026777")
    answer = claim(enter("huzhou-manager"), **({"credit_code": code} | changed))
    assert (answer.status_code, words in text_of(answer.text)) == (status, True)
    assert 'value="新企业（合成）"' in answer.text
    with hub.database.read() as session:
        assert session.scalars(select(Case)).all() == [], "request and document, both or neither"


def test_a_move_from_page_to_page(enter: Enter) -> None:
    client = enter("jiaxing-manager")
    assert (
        send(client, "/organisation", "/organisation/move", area="310115", address="张江路").status_code
        == 303
    )
    refused = send(client, "/organisation", "/organisation/move", area="330400")
    assert refused.status_code == 422
    for office in ("bureau-3304", "bureau-310115"):
        bureau = enter(office)
        page = bureau.get("/staff/cases").text
        action = re.search(r'action="(/staff/cases/case-[a-z2-7]+/confirm)"', page)
        assert action is not None
        assert send(bureau, "/staff/cases", action.group(1)).status_code == 303
    assert "浦东新区" in read(client, "/organisation")


def test_the_yearly_check_on_the_page(enter: Enter, hub: Runtime) -> None:
    hub.clock.advance(366 * 86_400)  # type: ignore[attr-defined]
    assert "核实已过期" in read(enter("jiaxing-manager"), "/organisation")
    bureau = enter("bureau-3304")
    action = re.search(r'action="(/staff/rechecks/en-[a-z2-7]+)"', bureau.get("/staff/cases").text)
    assert action is not None
    assert send(bureau, "/staff/cases", action.group(1)).status_code == 303
    assert "没有到期的企业" in read(bureau, "/staff/cases")
    assert "已核实" in read(enter("jiaxing-manager"), "/organisation")


def test_an_auditor_sees_cases_and_decides_none(enter: Enter, hub: Runtime) -> None:
    with hub.database.write() as session:
        person = session.scalars(select(Person).where(Person.name == "account:huzhou-manager")).one()
        given = rules_claim()
        case = enterprises.request_verification(session, person, given, now=hub.clock())
    client = enter("auditor-33")
    page = client.get("/staff/cases").text
    assert given.name in text_of(page)
    assert "/confirm" not in page
    assert send(client, "/staff/cases", f"/staff/cases/{case.id}/confirm").status_code == 403


def rules_claim() -> enterprises.Claim:
    code = demo_people.schemas.uscc.complete("91330400MA2026778")
    return enterprises.Claim(code, "另一新企业（合成）", "330402", "", authorised=False)


# --- people and stations --------------------------------------------------------------------------------------------


def admin_of(hub: Runtime) -> httpx.Client:
    client = browser(hub)
    client.post("/sign-in", data={"username": "admin", "password": "a-long-enough-password"})
    return client


def person_id(hub: Runtime, username: str) -> str:
    with hub.database.read() as session:
        account = queries.account_named(session, username)
        assert account is not None
        return account.person_id


def test_the_administrator_helps_with_a_lost_phone(hub: Runtime) -> None:
    set_up(hub.database, hub.sealing, "station-310000", now=hub.clock())
    admin = admin_of(hub)
    them = person_id(hub, "station-310000")
    assert send(admin, "/staff/people", f"/staff/people/{them}/second-factor").status_code == 303
    with hub.database.read() as session:
        assert session.get(SecondFactor, them) is None


def test_switching_off_ends_at_once(enter: Enter, hub: Runtime) -> None:
    client, admin = enter("station-310000"), admin_of(hub)
    them = person_id(hub, "station-310000")
    for on, status in (("false", 303), ("true", 200)):
        assert send(admin, "/staff/people", f"/staff/people/{them}/switch", on=on).status_code == 303
        assert client.get("/staff").status_code == status


def test_nobody_helps_or_switches_themselves(hub: Runtime) -> None:
    admin = admin_of(hub)
    me = person_id(hub, "admin")
    for action in ("second-factor", "switch"):
        assert send(admin, "/staff/people", f"/staff/people/{me}/{action}").status_code == 403


def test_a_provinces_staff_reach_their_own_people_only(hub: Runtime) -> None:
    client = browser(hub)
    client.post("/sign-in", data={"username": "staff-530000", "password": "a-long-enough-password"})
    page = read(client, "/staff/people")
    assert "云南驿站" in page
    assert "上海驿站" not in page
    foreign, own = person_id(hub, "station-310000"), person_id(hub, "station-530000")
    assert send(client, "/staff/people", f"/staff/people/{foreign}/switch").status_code == 403
    with hub.database.read() as session:
        grants = {name: queries.grants_of(session, who)[0].id for name, who in (("f", foreign), ("o", own))}
    assert send(client, "/staff/people", f"/staff/people/grants/{grants['f']}/end").status_code == 403
    assert send(client, "/staff/people", f"/staff/people/grants/{grants['o']}/end").status_code == 303
    assert send(client, "/staff/people", "/staff/stations/530000", name="x").status_code == 403
    token = invite(client, "/staff/people", role="bureau_staff", area="5301", note="昆明")
    assert "科技主管部门" in text_of(browser(hub).get(f"/invitations/{token}").text)
    refused = send(client, "/staff/people", "/staff/people/invitations", role="bureau_staff", area="3304")
    assert refused.status_code in (403, 422)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"role": "station_staff", "province": "310000"}, "驿站工作人员 · 上海"),
        ({"role": "city_finance", "area": "3304", "province": "330000"}, "市级财政"),
        ({"role": "auditor", "area": "33"}, "审计员 · 浙江"),
        ({"role": "auditor"}, "审计员 · 长江经济带"),
        ({"role": "hub_admin"}, "枢纽管理员"),
    ],
)
def test_the_administrator_invites_every_office(hub: Runtime, fields: dict[str, str], words: str) -> None:
    token = invite(admin_of(hub), "/staff/people", **fields)
    assert words in text_of(browser(hub).get(f"/invitations/{token}").text)


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "bureau_staff", "province": "330000"},
        {"role": "city_finance", "area": "33", "province": "330000"},
        {"role": "institution_manager", "party": "nonsense"},
        {"role": "station_staff"},
    ],
)
def test_a_wrong_invitation_is_said_beside_the_form(hub: Runtime, fields: dict[str, str]) -> None:
    answer = send(admin_of(hub), "/staff/people", "/staff/people/invitations", **fields)
    assert (answer.status_code, "<title>错误：" in answer.text) == (422, True)


def test_another_operator_for_a_station(enter: Enter, hub: Runtime) -> None:
    client, admin = enter("station-310000"), admin_of(hub)
    code = demo_people.schemas.uscc.complete("91310000MA2026999")
    wrong = send(admin, "/staff/people", "/staff/stations/310000", name="新机构", credit_code="x")
    assert wrong.status_code == 422
    done = send(admin, "/staff/people", "/staff/stations/310000", name="新机构（合成）", credit_code=code)
    assert done.status_code == 303
    assert "新机构（合成）" in read(admin, "/staff/people")
    assert client.get("/staff").status_code == 403, "the staff of the one before are out"
    with hub.database.read() as session:
        ended = session.scalars(
            select(Grant).where(Grant.role == rules.STATION_STAFF, Grant.ended_at.is_not(None))
        )
        assert len(ended.all()) == 1


# --- the audit ------------------------------------------------------------------------------------------------------


def test_the_audit_on_its_page(enter: Enter, hub: Runtime) -> None:
    client = enter("auditor")
    while sequencer.number_once(hub.database):
        pass
    page = read(client, "/staff/audit")
    assert "identity.sign_in" in page
    assert "testclient" not in page
    older = re.search(r"/staff/audit\?before=\d+", client.get("/staff/audit").text)
    assert older is not None
    assert "identity." in read(client, older.group(0))
    assert enter("auditor-33").get("/staff/audit").status_code == 403
    assert enter("auditor-33").get("/api/v1/audit/entries").status_code == 403
    assert enter("bureau-3304").get("/staff/audit").status_code == 403
