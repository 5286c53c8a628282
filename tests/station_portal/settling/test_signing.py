"""Signing through the pages: enrol a key by two people, download, sign, upload; or acknowledge; and check."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select

from hub import sign as hub_sign
from hub import verify
from hub.cli import demo_people
from hub.core.runtime import Runtime
from hub.identity import service as identity
from hub.identity.models import Person
from hub.identity.service import second_factors
from hub.settlement.models import Batch, Member, Period
from hub.settlement.queries import periods
from tests.hub.settlement.signing import papers
from tests.hub.settlement.signing.papers import FIRST, SHANGHAI, ZHEJIANG
from tests.station_portal.conftest import text_of
from tests.station_portal.people.conftest import Enter, _closed, _peopled, enter, hub, read, send

__all__ = ["_closed", "_peopled", "enter", "hub"]

PAGE, KEYS = f"/staff/documents/{FIRST}", "/staff/signing-keys"
PHRASE = "correct horse battery"


@pytest.fixture
def issued(hub: Runtime) -> Runtime:
    """A statement between Shanghai and Zhejiang that was issued now."""
    now = hub.clock()
    batch = f"2026-01.{SHANGHAI}-{ZHEJIANG}"
    lines = [papers.line(1), papers.line(2)]
    with hub.database.write() as session:
        identity.put_account(
            session,
            "staff-330000",
            demo_people.PASSWORD,
            role="province_staff",
            province=ZHEJIANG,
            display_name="王老师（合成）",
            is_demo=True,
            actor="test",
            now=now,
        )
        if session.get(Period, "2026-01") is None:
            session.add(Period(id="2026-01", starts_on=now.date(), ends_on=now.date(), cutoff_at=now))
            session.flush()
        total = sum(each["fee_fen"] for each in lines)
        session.add(
            Batch(
                id=batch,
                period_id="2026-01",
                visited=SHANGHAI,
                home=ZHEJIANG,
                revision=1,
                lines=2,
                fee_fen=total,
                voucher_fen=total // 2,
                own_fen=total // 2,
            )
        )
        session.flush()
        for position, each in enumerate(lines, start=1):
            told = {name: value for name, value in each.items() if name not in ("visited", "home")}
            session.add(
                Member(
                    batch_id=batch, revision=1, position=position, line_id=position, sha256="0" * 64, **told
                )
            )
        session.flush()
        body = papers.statement(lines)
        body["lines_sha256"] = hashlib.sha256(b"".join(periods.list_file(session, batch))).hexdigest()
        papers.put(session, "statement", papers.STATEMENT, body, now)
    return hub


def enrolled(enter: Enter, public: str) -> str:
    """The key, proposed by Zhejiang's finance and approved by the platform's staff."""
    finance, staff = enter("finance-330000"), enter("staff-330000")
    answer = send(finance, KEYS, KEYS, public_key=public, label="财务处电脑（合成）")
    assert answer.headers.get("location") == f"{KEYS}?told=enrolled", text_of(answer.text)
    told = read(finance, KEYS)
    assert "待另一人核准" in told
    assert "登记人不能自己核准" in told
    kid = re.search(r"signing-keys/([\w-]{43})/", finance.get(KEYS).text)
    assert kid is not None
    assert send(finance, KEYS, f"{KEYS}/{kid[1]}/approve").status_code == 409
    assert send(staff, KEYS, f"{KEYS}/{kid[1]}/approve").status_code == 303
    assert "在用" in read(finance, KEYS)
    return kid[1]


def test_enrol_download_sign_upload_and_check(
    issued: Runtime, enter: Enter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub_sign.new_key(tmp_path, PHRASE)
    enrolled(enter, hub_sign.pem(hub_sign.public_half(tmp_path)))
    finance = enter("finance-330000")
    assert "1 份文件等待签名" in read(finance, "/staff")
    assert "浙江 · 等待签名" in read(finance, "/staff/documents")
    downloaded = finance.get(f"{PAGE}/package")
    path = tmp_path / "a.sign.json"
    path.write_bytes(downloaded.content)
    told = hub_sign.read_package(path)
    shown = read(finance, PAGE)
    assert hub_sign.thumbprint(hub_sign.check_hub(told)) in shown
    assert "费用合计 ¥1,200.00" in shown
    monkeypatch.setattr(hub_sign.time, "time", lambda: issued.clock().timestamp())
    text = hub_sign.make_signature(tmp_path, told, ZHEJIANG, PHRASE)
    answer = send(
        finance, PAGE, f"{PAGE}/signature", files={"file": ("a.jws", text.encode(), "application/jose")}
    )
    assert answer.status_code == 303, text_of(answer.text)
    assert "签名有效，已保存" in read(finance, answer.headers["location"])
    receipt = finance.get(f"{PAGE}/hub-receipt")
    assert receipt.headers["content-disposition"].endswith(f'-{ZHEJIANG}-signed.receipt.jws"')
    said = json.loads(base64.urlsafe_b64decode(receipt.text.split(".")[1] + "=="))
    assert (said["what"], said["handed_in_sha256"]) == (
        "signature",
        hashlib.sha256(text.encode()).hexdigest(),
    )
    assert f'href="{PAGE}/hub-receipt?side={ZHEJIANG}&amp;kind=signed"' in finance.get(PAGE).text
    assert finance.get(f"{PAGE}/hub-receipt?kind=acknowledged").status_code == 404
    assert "浙江 · 已签名" in read(finance, "/staff/documents")
    assert "没有等待本方签名的文件" in read(finance, "/staff/documents")
    checked = read(enter("auditor-33"), f"{PAGE}?check=1")
    assert "全部相符" in checked
    assert "2 行明细与合计 1200.00 元一致" in checked
    bundle = finance.get(f"{PAGE}/bundle")
    (tmp_path / "b.zip").write_bytes(bundle.content)
    assert verify.check(tmp_path / "b.zip").grades[FIRST] == {SHANGHAI: "waiting", ZHEJIANG: "signed"}
    assert "manifest.json" in zipfile.ZipFile(io.BytesIO(bundle.content)).namelist()


def test_what_is_refused_is_said_on_the_page_with_what_was_typed(issued: Runtime, enter: Enter) -> None:
    finance = enter("finance-330000")
    answer = send(finance, PAGE, f"{PAGE}/signature", jws="not-a-jws")
    assert answer.status_code == 422
    assert "签名文件不是可读的分离式 JWS" in text_of(answer.text)
    assert "not-a-jws" in answer.text
    key = papers.officer_key()
    with issued.database.read() as session:
        text = papers.signed(session, key, ZHEJIANG, key.thumbprint())
    answer = send(finance, PAGE, f"{PAGE}/signature", jws=text)
    assert "未在本方登记，或尚未经第二人核准" in text_of(answer.text)
    private = key.export_to_pem(private_key=True, password=None).decode()
    answer = send(finance, KEYS, KEYS, public_key=private, label="误传")
    assert answer.status_code == 422
    assert "您发送的是私钥" in text_of(answer.text)
    assert private[30:60] not in answer.text  # what is no secret any more is not shown again either


def test_a_city_does_not_sign_for_its_province(issued: Runtime, enter: Enter) -> None:
    assert enter("finance-3304").get(PAGE).status_code == 403
    assert enter("auditor-33").get(f"{PAGE}").status_code == 200


def test_an_acknowledgement_needs_the_second_factor_and_is_graded_as_what_it_is(
    issued: Runtime, enter: Enter
) -> None:
    finance = enter("finance-330000")
    digest = re.search(r'name="sha256" value="([0-9a-f]{64})"', finance.get(PAGE).text)
    assert digest is None
    assert "确认需要动态验证码" in read(finance, PAGE)
    with issued.database.write() as session:
        person = session.scalar(select(Person).where(Person.name == "account:finance-330000"))
        assert person is not None
        second_factors.prepare(session, person.id, issued.sealing, now=issued.clock())
        waiting = second_factors.enrolment(session, person, issued.sealing)
        assert waiting is not None
        totp = pyotp.TOTP(waiting[0])
        second_factors.confirm(session, person, totp.at(issued.clock()), issued.sealing, now=issued.clock())
    issued.clock.advance(60)  # type: ignore[attr-defined]
    finance = enter("finance-330000")
    digest = re.search(r'name="sha256" value="([0-9a-f]{64})"', finance.get(PAGE).text)
    assert digest is not None
    action = f"{PAGE}/acknowledge"
    wrong = send(finance, PAGE, action, sha256=digest[1], code="000000")
    assert wrong.status_code == 422
    assert "验证码不正确" in text_of(wrong.text)
    other = send(finance, PAGE, action, sha256="0" * 64, code=totp.at(issued.clock()))
    assert "文件摘要与本文件不符" in text_of(other.text)
    issued.clock.advance(60)  # type: ignore[attr-defined]
    done = send(finance, PAGE, action, sha256=digest[1], code=totp.at(issued.clock()))
    assert done.status_code == 303, text_of(done.text)
    told = read(finance, PAGE)
    assert "浙江 · 已确认，未签名" in told
    assert "确认（不是签名）" in told
    english = finance.get(PAGE, params={"lang": "en"}).text
    assert "acknowledged, not signed" in text_of(english).lower()


def test_the_programs_are_public_and_their_hashes_shown(issued: Runtime, enter: Enter) -> None:
    finance = enter("finance-330000")
    shown = read(finance, KEYS)
    for name in ("hub-sign.py", "verify.py"):
        answer = finance.get(f"/tools/{name}")
        assert answer.status_code == 200
        assert (hashlib.sha256(answer.content).hexdigest() in shown) == (name == "hub-sign.py")
        assert hashlib.sha256(answer.content).hexdigest() in read(finance, "/staff/documents")
    assert finance.get("/tools/app.py").status_code == 404


def test_revoking_is_asked_for_and_final(issued: Runtime, enter: Enter) -> None:
    key = papers.officer_key()
    kid = enrolled(enter, key.export_to_pem().decode())
    finance = enter("finance-330000")
    assert "今后不能再用它签名" in read(finance, f"{KEYS}?confirm=revoke-{kid}")
    assert send(finance, KEYS, f"{KEYS}/{kid}/revoke").status_code == 303
    assert "已撤销" in read(finance, KEYS)
    assert send(finance, KEYS, f"{KEYS}/{kid}/approve").status_code == 404
    answer = send(finance, KEYS, KEYS, public_key=key.export_to_pem().decode(), label="再来")
    assert "已登记过" in text_of(answer.text)
