"""The auditor's desk: checks that read everything, samples drawn by criteria and seed, and one case's papers to take away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Response
from sqlalchemy.orm import Session

import schemas
from hub.core.errors import HubError
from hub.core.web import ReadSession, WriteSession
from hub.identity import access
from hub.identity import service as identity
from hub.identity.access import Subject
from hub.settlement import queries as settlement
from hub.settlement.errors.auditing import SampleInvalid
from hub.settlement.queries import lines as rated
from hub.settlement.queries.claims import claims_of_lines
from hub.settlement.queries.lines import Line
from hub.settlement.rules.sampling import MOST_DRAWN, Criteria
from hub.settlement.service import auditing
from hub.settlement.service.auditing import Finding, Sample
from hub.settlement.service.exports import Column, Table
from station_portal import wording
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.i18n import Language
from station_portal.roles import area_name
from station_portal.settling import files, names, words

router = APIRouter(include_in_schema=False)

Checker = Annotated[access.Principal, access.action("audit.see_checks")]
Drawer = Annotated[access.Principal, access.action("audit.use_samples")]
USE = "audit.use_samples"

CHECKS = ("ledger", "documents", "statements")
Text = Annotated[str, Form(max_length=80)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed into the form of a sample, as it was typed."""

    seed: str = ""
    size: str = "10"
    first: str = ""
    end: str = ""
    visited: str = ""
    home: str = ""
    programme: str = ""
    least: str = ""
    most: str = ""
    voucher: str = ""


def _asked(
    *,
    seed: Text = "",
    size: Text = "",
    first: Text = "",
    end: Text = "",
    visited: Text = "",
    home: Text = "",
    programme: Text = "",
    least: Text = "",
    most: Text = "",
    voucher: Text = "",
) -> Asked:
    return Asked(seed, size, first, end, visited, home, programme, least, most, voucher)


@router.get("/staff/audits")
def show_desk(
    frame: CurrentFrame,
    session: ReadSession,
    me: Checker,
    check: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The buttons, what the pressed one found, and the samples of the reader's area. A check reads and changes nothing."""
    found = {name: _checked(session, name) for name in CHECKS if check in (name, "all")}
    return _desk(frame, session, me, Asked(), found=found)


@router.post("/staff/audits/samples")
def draw(
    frame: CurrentFrame, session: WriteSession, me: Drawer, asked: Annotated[Asked, Depends(_asked)]
) -> Response:
    """Draw a sample; criteria and seed are recorded with it."""
    try:
        criteria, size = _criteria(asked), _whole(asked.size, "size")
        drawn = auditing.draw_sample(session, me, criteria, seed=asked.seed.strip(), size=size, now=frame.now)
    except SampleInvalid as refused:
        return _desk(frame, session, me, asked, wrong=refused, status=422)
    return see_other(f"/staff/audits/samples/{drawn.id}")


@router.get("/staff/audits/samples/{sample_id}")
def show_sample(
    sample_id: str,
    frame: CurrentFrame,
    session: ReadSession,
    me: Drawer,
    *,
    again: Annotated[str, Query(max_length=5)] = "",
    format: Annotated[str, Query(max_length=5)] = "",
) -> Response:
    """The sample's lines, each with its papers; `again` draws it once more and compares."""
    sample = _found(session, me, sample_id, frame)
    lines = rated.lines_by_ids(session, sample.line_ids)
    if format in files.FORMATS:
        about = f"{_criteria_words(session, sample, frame.language)} · {sample.seed}"
        table = _table(frame, sample, lines)
        return files.table_answer(frame, table, format, f"sample-{sample.id}", about=about)
    same = None if not again else auditing.redraw(session, sample) == sample.line_ids
    called = names.institutions(session, [each.institution_id for each in lines], frame.language)
    firms = names.enterprises(session, [each.enterprise_id for each in lines])
    claimed = claims_of_lines(session, [each.id for each in lines])
    context = {
        "sample": sample,
        "criteria": _criteria_words(session, sample, frame.language),
        "drawn_by": names.person(session, sample.drawn_by, frame.language),
        "same": same,
        "lines": [
            {
                "line": each,
                "place": number,
                "visited": wording.short_province(each.visited, frame.language),
                "home": wording.short_province(each.home, frame.language),
                "institution": called[each.institution_id],
                "enterprise": firms[each.enterprise_id],
                "state": words.line_state(each.state, frame.language),
                "papers": _papers(each, claimed.get(each.id, []), frame.language),
            }
            for number, each in enumerate(lines, 1)
        ],
        "formats": files.links(lambda **told: f"/staff/audits/samples/{sample.id}?format={told['format']}"),
    }
    return frame.page("settling_sample.html", context)


@router.get("/staff/audits/samples/{sample_id}/cases/{line_id}")
def take_case(
    sample_id: str, line_id: int, frame: CurrentFrame, session: WriteSession, me: Drawer
) -> Response:
    """The papers of one line; taking them is audited."""
    sample = _found(session, me, sample_id, frame)
    name, content = auditing.case_package(session, me, sample, line_id, now=frame.now)
    return files.download(content, "zip", name.removesuffix(".zip"))


def _papers(line: Line, claimed: list[str], language: Language) -> list[tuple[str, str]]:
    """The pages of a line that an auditor may open, as (words, address); every look is in the audit."""
    found = [
        (language("订单与核验"), f"/orders/{line.reference}"),
        (language("使用记录"), f"/usage/{line.usage_id}"),
        (language("预约"), f"/bookings/{line.reference}"),
    ]
    found += [(language("补助申请"), f"/claims/{each}") for each in claimed]
    if line.batch_id is not None:
        address = f"/staff/settlement/batches/{line.batch_id}?order={line.order_number}#lines"
        found.append((language("批次"), address))
    return found


def _found(session: Session, me: access.Principal, sample_id: str, frame: Frame) -> Sample:
    """The sample, within the reader's reach."""
    sample = auditing.find_sample(session, sample_id)
    subject = Subject(home_area=sample.area.ljust(6, "0"), name=f"sample:{sample.id}")
    identity.allow(session, me, USE, subject, now=frame.now)
    return sample


def _checked(session: Session, name: str) -> Finding:
    checks = {
        "ledger": auditing.check_ledger,
        "documents": auditing.check_documents,
        "statements": auditing.check_statements,
    }
    return checks[name](session)


def _desk(
    frame: Frame,
    session: Session,
    me: access.Principal,
    asked: Asked,
    *,
    found: dict[str, Finding] | None = None,
    wrong: HubError | None = None,
    status: int = 200,
) -> Response:
    language = frame.language
    provinces = schemas.codes("province")
    may_draw = access.may_enter(me, USE)
    context: dict[str, Any] = {
        "asked": asked,
        "where": area_name(me.area, language) if me.area else language("长江经济带"),
        "checks": [
            {"name": name, "title": title, "text": text, "found": _finding(found, name, language)}
            for name, title, text in _buttons(language)
        ],
        "may_draw": may_draw,
        "most": MOST_DRAWN,
        "provinces": [
            (code, wording.short_province(code, language))
            for code in provinces
            if provinces[code].attributes.get("region")
        ],
        "programmes": list(names.programmes(session, language).items()),
        "samples": [
            {
                "sample": each,
                "criteria": _criteria_words(session, each, language),
                "by": names.person(session, each.drawn_by, language),
            }
            for each in (auditing.samples_of(session, me.area or "") if may_draw else [])
        ],
        "wrong": [] if wrong is None else [(wrong.field or "", language.pick(wrong.zh, wrong.en))],
        "faulty": {wrong.field} if wrong is not None else set(),
    }
    return frame.page("settling_audits.html", context, status=status)


def _buttons(language: Language) -> list[tuple[str, str, str]]:
    return [
        ("ledger", language("总账"), language("链、每笔分录、每个余额与分录合计")),
        ("documents", language("单据"), language("每份单据的散列、连续编号、与上一份的链接")),
        ("statements", language("对账单合计"), language("每份对账单的费用＝创新券＋自付，各政策之和＝合计")),
    ]


def _finding(found: dict[str, Finding] | None, name: str, language: Language) -> dict[str, Any] | None:
    held = (found or {}).get(name)
    if held is None:
        return None
    whys = {
        "altered": language("内容被改动"),
        "missing": language("记录被删除"),
        "cut off": language("链尾被截断"),
        "entries differ": language("分录与上链内容不一致"),
        "not chained": language("记账未上链"),
        "balance differs": language("余额与分录合计不一致"),
        "renumbered": language("编号被改动"),
        "chain broken": language("与上一份的链接不符"),
        "gap": language("编号不连续，之前有缺失"),
        "shares differ": language("费用不等于创新券与自付之和"),
        "programmes differ": language("各政策之和不等于合计"),
    }
    return {
        "checked": held.checked,
        "waiting": held.waiting,
        "broken": held.broken,
        "why": whys.get(held.why, held.why),
    }


def _criteria(asked: Asked) -> Criteria:
    provinces = schemas.codes("province")
    for field, value in (("visited", asked.visited), ("home", asked.home)):
        if value and value not in provinces:
            raise SampleInvalid(field, "没有这个省份。", "There is no such province.")
    return Criteria(
        first=_day(asked.first, "first"),
        end=_day(asked.end, "end"),
        visited=asked.visited or None,
        home=asked.home or None,
        programme_id=asked.programme.strip() or None,
        least_fen=_fen(asked.least, "least"),
        most_fen=_fen(asked.most, "most"),
        has_voucher=bool(asked.voucher),
    )


def _day(text: str, field: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise SampleInvalid(field, "日期请写成 YYYY-MM-DD。", "Write the day as YYYY-MM-DD.") from None


def _fen(text: str, field: str) -> int | None:
    if not text.strip():
        return None
    try:
        fen = Decimal(text.strip().replace(",", "")) * 100
    except InvalidOperation:
        fen = Decimal("NaN")
    if not fen.is_finite() or fen != int(fen) or not 0 <= fen < 10**15:
        raise SampleInvalid(
            field, "金额请写成元，至多两位小数。", "Write the amount in yuan with two decimals at most."
        )
    return int(fen)


def _whole(text: str, field: str) -> int:
    if not text.strip().isdecimal() or len(text.strip()) > 6:
        raise SampleInvalid(
            field, f"请写 1 至 {MOST_DRAWN} 的整数。", f"Write a whole number of 1 to {MOST_DRAWN}."
        )
    return int(text)


def _criteria_words(session: Session, sample: Sample, language: Language) -> str:
    told, found = sample.criteria, []
    if told.first or told.end:
        found.append(f"{told.first or '…'} – {told.end or '…'}")
    for template, code in (
        (language("服务省 %(name)s"), told.visited),
        (language("归属省 %(name)s"), told.home),
    ):
        if code:
            found.append(template % {"name": wording.short_province(code, language)})
    if told.programme_id:
        programme = settlement.find_programme(session, told.programme_id)
        found.append(told.programme_id if programme is None else names.programme(programme, language))
    if told.least_fen is not None or told.most_fen is not None:
        low = "0" if told.least_fen is None else f"{told.least_fen / 100:,.2f}"
        high = "…" if told.most_fen is None else f"{told.most_fen / 100:,.2f}"
        found.append(f"¥{low} – {high}")
    if told.has_voucher:
        found.append(language("有创新券"))
    return " · ".join(found) or language("全部计价行")


def _table(frame: Frame, sample: Sample, lines: list[Line]) -> Table:
    language = frame.language
    columns = [
        Column(language("次序"), "count"),
        Column(language("预约编号")),
        Column(language("服务省")),
        Column(language("归属省")),
        Column(language("计价时间"), "instant"),
        Column(language("费用（元）"), "fen"),
        Column(language("创新券（元）"), "fen"),
        Column(language("自付（元）"), "fen"),
    ]
    rows = [
        (
            number,
            each.order_number,
            wording.short_province(each.visited, language),
            wording.short_province(each.home, language),
            each.rated_at,
            each.fee_fen,
            each.voucher_fen,
            each.own_fen,
        )
        for number, each in enumerate(lines, 1)
    ]
    sums = [sum(getattr(each, name) for each in lines) for name in ("fee_fen", "voucher_fen", "own_fen")]
    total = (None, language("合计"), None, None, None, *sums)
    return Table(language("抽样 %(id)s", id=sample.id), columns, rows, len(rows), total)
