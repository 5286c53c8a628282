"""An office's lists to take away: applications for vouchers and payments of own shares, with a note on every column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from hub.identity import access
from hub.settlement.queries import applications as applying
from hub.settlement.queries import payments as paying
from hub.settlement.service.exports import MOST_CSV, Column, Table
from station_portal import wording
from station_portal.frame import Frame
from station_portal.i18n import Language
from station_portal.settling import names

FORMATS = ("csv", "xlsx")
_PAGE = 1_000

Read = Callable[[Session, Any], Sequence[Any]]
"""The rows after the last one of the page before (None: from the beginning)."""


def links(language: Language, address: Callable[[str], str]) -> list[tuple[str, str]]:
    """The ways such a list leaves, as (words, address)."""
    return [(language("导出 XLSX"), address("xlsx")), (language("导出 CSV"), address("csv"))]


def application_columns(language: Language) -> list[Column]:
    """The columns of the applications' list; what an application says of persons is not among them."""
    return [
        Column(language("编号"), note=language("申领在本平台的编号。")),
        Column(language("政策"), note=language("所申领的政策，按提交时的版本。")),
        Column(language("年度"), "text", language("申领计入的预算年度。")),
        Column(language("申领单位"), note=language("企业核实时登记的名称。")),
        Column(language("统一社会信用代码"), note=language("已核实，18 位。")),
        Column(language("归属地"), note=language("提交时核实的归属市县。")),
        Column(language("申领金额（元）"), "fen", language("企业申领的金额。")),
        Column(language("核定金额（元）"), "fen", language("初审核定的金额；尚未核定的为空，不计入合计。")),
        Column(language("状态"), note=language("导出时的状态。")),
        Column(language("提交时间"), "instant", language("首次提交的时间，北京时间。")),
        Column(language("初审时间"), "instant", language("第一人通过的时间；没有的为空。")),
        Column(language("办结时间"), "instant", language("发放、不予发放或移交的时间；没有的为空。")),
    ]


def applications_table(frame: Frame, area: str, programmes: dict[str, str]) -> Table:
    """Every application that was handed in for programmes of the area (a prefix), the newest first."""
    language = frame.language

    def read(session: Session, last: Any) -> Sequence[Any]:
        after = None if last is None else last.id
        return applying.applications_in(session, area, limit=_PAGE, after=after)

    def cells(_session: Session, page: Sequence[Any]) -> Iterator[Sequence[Any]]:
        for each in page:
            yield (
                each.number,
                programmes.get(each.programme_id, each.programme_id),
                str(each.year),
                each.holder_name,
                each.credit_code,
                names.area(each.home_area, language),
                each.fen,
                each.approved_fen,
                wording.name("application_state", each.state, language),
                each.submitted_at,
                each.first_at,
                each.decided_at,
            )

    columns = application_columns(language)
    return _whole(frame, language("创新券申领"), columns, read, cells)


def payment_columns(language: Language) -> list[Column]:
    """The columns of the payments' list."""
    return [
        Column(language("订单"), note=language("预约编号；一个预约一笔付款。")),
        Column(language("企业"), note=language("付款方。")),
        Column(language("统一社会信用代码"), note=language("付款方的代码；未登记的为空。")),
        Column(language("服务方"), note=language("收款的管理单位。")),
        Column(language("费用（元）"), "fen", language("全部费用，等于创新券与自付之和。")),
        Column(language("创新券（元）"), "fen", language("由归属地另行兑付，不经本笔付款。")),
        Column(language("自付（元）"), "fen", language("企业应付给服务方的金额。")),
        Column(language("已付（元）"), "fen", language("服务方确认到账或在线通道确认的金额。")),
        Column(language("已退（元）"), "fen", language("已退还给企业的金额。")),
        Column(language("未付（元）"), "fen", language("自付减已付、加已退；不小于零。")),
        Column(language("状态"), note=language("导出时的状态。")),
        Column(language("付款期限"), "date", language("按收费标准约定；没有约定的为空。")),
        Column(language("付清时间"), "instant", language("最后一笔到账的时间，北京时间；未付清的为空。")),
    ]


def payments_table(
    frame: Frame, me: access.Principal, states: Sequence[str], *, to_confirm: bool = False
) -> Table:
    """Every payment within the reader's reach in these states (none: all), the newest first."""
    language = frame.language

    def read(session: Session, last: Any) -> Sequence[Any]:
        before = None if last is None else (last.made_at, last.id)
        return paying.list_payments(
            session, me, states=states, to_confirm=to_confirm, before=before, limit=_PAGE
        )

    def cells(session: Session, page: Sequence[Any]) -> Iterator[Sequence[Any]]:
        firms = names.enterprises(session, [each.enterprise_id for each in page])
        owners = names.institutions(session, {each.institution_id or "" for each in page}, language)
        for each in page:
            yield (
                each.order_number,
                each.document.get("enterprise", {}).get("name") or firms[each.enterprise_id],
                each.document.get("enterprise", {}).get("credit_code", ""),
                each.document.get("institution", {}).get("name") or owners[each.institution_id or ""],
                each.fee_fen,
                each.voucher_fen,
                each.owed_fen,
                each.paid_fen,
                each.refunded_fen,
                max(0, each.owed_fen - each.paid_fen + each.refunded_fen),
                wording.name("payment_state", each.state, language),
                each.due_on,
                each.paid_at,
            )

    return _whole(frame, language("自付付款"), payment_columns(language), read, cells)


def _whole(
    frame: Frame,
    name: str,
    columns: list[Column],
    read: Read,
    cells: Callable[[Session, Sequence[Any]], Iterator[Sequence[Any]]],
) -> Table:
    """All rows, read page by page in one snapshot, with the sums of the amounts; what is too much is refused by its count."""
    rows: list[Sequence[Any]] = []
    with frame.runtime.database.read() as session:
        last = None
        while (page := read(session, last)) and len(rows) <= MOST_CSV:
            rows += cells(session, page)
            last = page[-1]
    total: list[Any] = [
        sum(row[place] or 0 for row in rows) if column.kind == "fen" else None
        for place, column in enumerate(columns)
    ]
    total[0] = frame.language("合计")
    return Table(name, columns, rows, len(rows), total, frame.language("列说明"))
