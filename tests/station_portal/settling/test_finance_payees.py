"""The account an institution is paid to, on its page."""

from __future__ import annotations

import re

from hub.core.runtime import Runtime
from hub.settlement.queries import payees
from tests.station_portal.settling.finance_stage import VISITED, Enter, _financed, enter, hub, read, send

__all__ = ["_financed", "enter", "hub"]

PAGE = "/staff/payees"
TYPED = {
    "account_name": "合成大学（演示）",
    "bank_name": "合成银行武汉支行",
    "account_number": "6222 0000 1234 5678",
}


def form_of(page: str) -> str:
    found = re.search(r'action="(/staff/institutions/[^"]+/payee)"', page)
    assert found is not None
    return found.group(1)


def test_entered_by_one_approved_by_another_masked_for_the_rest(hub: Runtime, enter: Enter) -> None:
    manager, finance = enter(f"institution-{VISITED}"), enter("finance-330000")
    assert "还没有收款账户" in read(manager, PAGE)
    action = form_of(manager.get(PAGE).text)
    wrong = send(manager, PAGE, action, **{**TYPED, "account_number": "12"})
    assert (wrong.status_code, "账号须为 8 至 30 位数字" in wrong.text, "合成银行武汉支行" in wrong.text) == (
        422,
        True,
        True,
    )
    assert send(manager, PAGE, action, **TYPED).status_code == 303
    page = read(manager, PAGE)
    assert "待第二人审核" in page
    assert "轮到本单位另一位管理员或本省财政人员" in page
    assert "核对无误" not in page
    assert "合成大学" not in read(finance, PAGE), "another province's finance sees nothing of it"
    with hub.database.read() as session:
        [held] = payees.payees_within(session, "42", state="proposed")
        assert payees.bank_of(session, held.institution_id) is None
    decide = f"/staff/payees/{held.id}/decide"
    assert send(manager, PAGE, decide, decision="approve").status_code == 409
    assert send(finance, PAGE, decide, decision="approve").status_code == 403
    auditor = read(enter("auditor"), PAGE)
    assert "**** 5678" in auditor
    assert "6222000012345678" not in auditor
