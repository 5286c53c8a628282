"""What was used: the list of whoever it concerns, one usage with its versions, and the forms to confirm, mend, decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from secrets import token_urlsafe
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Response, UploadFile
from sqlalchemy.orm import Session

import schemas
from hub.bookings.service import usage_evidence, usages
from hub.bookings.service.usage_evidence import Proof
from hub.core.clock import SHANGHAI
from hub.core.errors import HubError
from hub.core.paging import decode_cursor, encode_cursor
from hub.core.web import CurrentRuntime, ReadSession
from hub.identity import access
from hub.identity import rules as identity_rules
from hub.settlement.queries import usage as queries
from hub.settlement.service import evidence_files
from hub.settlement.service.evidence_files import Kept
from station_portal import usage_words, wording
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.i18n import Language
from station_portal.pages.bookings import AnyForm, wrongs_of

router = APIRouter(include_in_schema=False)

Me = Annotated[access.Principal, access.action("usage.read")]
Asking = Annotated[access.Principal, access.action("session.use")]
View = Annotated[str, Query(max_length=20)]
Adding = Annotated[access.Principal, access.action("usage.add_evidence")]
Seeing = Annotated[access.Principal, access.action("usage.read_evidence")]
Cursor = Annotated[str | None, Query(max_length=500)]
Files = Annotated[list[UploadFile] | None, File(max_length=usage_evidence.MOST_AT_ONCE)]

PAGE = 30
VIEWS: Mapping[str, tuple[str, ...]] = {
    "open": ("submitted", "disputed", "returned"),
    "disputed": ("disputed",),
    "returned": ("returned",),
    "settling": ("rated", "locked"),
    "ended": ("settled", "waived"),
    "all": (),
}
"""View of the list → the states that it shows; none means every state."""


@router.get("/usage")
def list_usage(
    frame: CurrentFrame, session: ReadSession, me: Me, view: View = "open", cursor: Cursor = None
) -> Response:
    """Usages that concern the reader, newest first; those that wait for somebody first."""
    view = view if view in VIEWS else "open"
    page = queries.page(session, me, states=VIEWS[view], before=_position(cursor), limit=PAGE)
    context = {
        "view": view,
        "views": _views(frame.language),
        "rows": [_row(frame, row) for row in page.rows],
        "following": None if page.following is None else encode_cursor("usage", page.following),
        "is_enterprise": me.role.startswith("enterprise"),
    }
    return frame.page("usage_list.html", context)


@router.get("/usage/{usage_id}")
def show_usage(usage_id: str, frame: CurrentFrame, me: Me, session: ReadSession, told: str = "") -> Response:
    """One usage; `told` is the command that has just been carried out."""
    return frame.page("usage.html", _context(frame, me, session, usage_id, told=_told(told, frame.language)))


@router.post("/usage/{usage_id}/commands/{command}", max_body_size=usage_evidence.MOST_FORM)
def give_command(
    usage_id: str,
    command: str,
    frame: CurrentFrame,
    me: Asking,
    *,
    runtime: CurrentRuntime,
    form: AnyForm,
    files: Files = None,
) -> Response:
    """Carry out a command, with files where it takes evidence; a refusal is said on the page, with what was typed."""
    body, wrong = usage_words.body_of(command, form, frame.language)
    if not wrong and (found := schemas.problems("usage-command", body)):
        wrong = [
            (problem.pointer.strip("/"), frame.language.pick(problem.zh, problem.en)) for problem in found
        ]
    if not wrong:
        revision = form.get("revision", "")
        try:
            kept = _keep(frame, me, usage_id, files) if command in usage_words.PROVING else []
            with runtime.database.write() as session:
                if kept and command == "amend":
                    body["evidence"] = _add(session, me, (usage_id, frame.now), kept, form)
                usages.carry_out(
                    session,
                    me,
                    usage_id,
                    command,
                    body,
                    key=form.get("key"),
                    revision=int(revision) if revision.isascii() and revision.isdigit() else None,
                    now=frame.now,
                )
                if kept and command == "dispute":
                    _add(session, me, (usage_id, frame.now), kept, form)
            return see_other(f"/usage/{usage_id}?told={command}")
        except HubError as refused:
            wrong = wrongs_of(frame, command, refused)
    return _again(frame, me, usage_id, wrong, {**form, "command": command})


@router.post("/usage/{usage_id}/evidence", max_body_size=usage_evidence.MOST_FORM)
def add_evidence(
    usage_id: str,
    frame: CurrentFrame,
    me: Adding,
    runtime: CurrentRuntime,
    *,
    form: AnyForm,
    files: Files = None,
) -> Response:
    """Hand in files to a dispute."""
    wrong = []
    try:
        kept = _keep(frame, me, usage_id, files)
        if kept:
            with runtime.database.write() as session:
                _add(session, me, (usage_id, frame.now), kept, form)
            return see_other(f"/usage/{usage_id}?told=evidence#dispute")
        wrong = [("evidence-files", frame.language("请选择要上传的文件"))]
    except HubError as refused:
        wrong = wrongs_of(frame, "evidence-files", refused)
    return _again(frame, me, usage_id, wrong, {**form, "command": "evidence"})


@router.post("/usage/{usage_id}/evidence/{sha256}")
def open_evidence(usage_id: str, sha256: str, me: Seeing, runtime: CurrentRuntime) -> Response:
    """Go to a file by a link that is good for five minutes."""
    return see_other(usage_evidence.link(runtime, me, usage_id, sha256))


def _keep(frame: Frame, me: access.Principal, usage_id: str, files: list[UploadFile] | None) -> list[Kept]:
    """What was chosen, safely on disk; a field that was left empty is no file. Raises `EvidenceInvalid`, `UsageUnknown`."""
    proofs = [
        Proof(each.filename, each.file.read(evidence_files.MOST_BYTES + 1))
        for each in files or ()
        if each.filename
    ]
    return usage_evidence.keep_files(frame.runtime, me, usage_id, proofs) if proofs else []


def _add(
    session: Session,
    me: access.Principal,
    where: tuple[str, datetime],
    kept: list[Kept],
    form: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Hand in what was kept; `where` is the usage and the time. As the `evidence` of a command."""
    usage_id, now = where
    kind, name = form.get("kind", ""), form.get("evidence_name", "")
    rows = usage_evidence.add_files(session, me, usage_id, kept, kind=kind, name=name, now=now)
    return usage_evidence.entries(rows)


def _again(
    frame: Frame,
    me: access.Principal,
    usage_id: str,
    wrong: list[tuple[str, str]],
    typed: Mapping[str, str],
) -> Response:
    with frame.runtime.database.read() as session:
        context = _context(frame, me, session, usage_id, wrong=wrong, typed=typed)
    return frame.page("usage.html", context, status=422)


def _context(
    frame: Frame,
    me: access.Principal,
    session: Session,
    usage_id: str,
    *,
    told: str = "",
    wrong: list[tuple[str, str]] | None = None,
    typed: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    language = frame.language
    usage = usages.visible(session, me, usage_id, now=frame.now)
    whole = queries.whole(session, usage)
    document = usages.document(session, me, usage, now=frame.now)
    dispute = document.get("dispute")
    subject = queries.subject_of(session, usage)
    return {
        "usage": {**dict.fromkeys(schemas.document("usage")["properties"]), **document},
        "badge": usage_words.badge(document["state"], language),
        "explained": _explained(document, language),
        "forms": usage_words.forms(document.get("actions", ()), language),
        "names": _Names(language),
        "dispute": dispute,
        "case": {} if whole.dispute is None or dispute is None else whole.dispute.evidence,
        "explanation": None if whole.line is None else whole.line.document,
        "units": usage_words.options("charging_unit", language),
        "kinds": usage_words.options("usage_evidence", language),
        "files": {row.sha256: row for row in whole.files},
        "may_open": identity_rules.may(me, "usage.read_evidence", subject),
        "may_add": usage.state == "disputed" and identity_rules.may(me, "usage.add_evidence", subject),
        "prefilled": _prefilled(document.get("used", {})),
        "key": token_urlsafe(18),
        "told": told,
        "wrong": wrong or [],
        "typed": typed or {},
    }


class _Names:
    """Codes in the reader's language, for the template."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def __call__(self, listed: str, code: str) -> str:
        return wording.name(listed, code, self._language)

    def at(self, text: str) -> datetime:
        """An instant of a document."""
        return datetime.fromisoformat(text)


def _row(frame: Frame, row: queries.Row) -> dict[str, Any]:
    usage, facts = row.usage, row.usage.facts
    return {
        "id": usage.id,
        "number": usage.order_number,
        "instrument": facts["instrument"].get("name", ""),
        "enterprise": facts["enterprise"]["name"],
        "institution": facts["institution"]["name"],
        "kind": wording.name("usage_kind", usage.kind, frame.language),
        "source": wording.name("usage_source", usage.source, frame.language),
        "badge": usage_words.badge(row.state, frame.language),
        "fee_fen": usage.fee_fen,
        "recorded_at": usage.recorded_at,
        "confirm_by": usage.confirm_by if row.state == "submitted" else None,
    }


def _views(language: Language) -> list[tuple[str, str]]:
    return [
        ("open", language("待办理")),
        ("disputed", language("有异议")),
        ("returned", language("被退回")),
        ("settling", language("结算中")),
        ("ended", language("已了结")),
        ("all", language("全部")),
    ]


def _explained(document: Mapping[str, Any], language: Language) -> str:
    """What happens now, in one or two sentences."""
    texts = {
        "submitted": language(
            "请核对实际使用的时间、数量和费用。确认后即计价并扣用创新券；有不同意见请在期限前提出异议。两次通知（两种渠道）后仍未答复的，到期视为确认。"
        ),
        "disputed": language(
            "由服务方所在省与企业所在省的工作人员共同裁定，双方结论一致才生效；十个工作日内未达成一致的，由联盟指定的第三省仲裁员裁定。订单的其他事项照常进行，只有这一行的金额暂缓。"
        ),
        "confirmed": language("已确认，正在计价。"),
        "rated": language("已按约定的收费标准计价。自付部分付清、材料齐备后进入结算。"),
        "locked": language("已列入结算单，内容不再更改；如需更正，由付款方退回或以贷项单更正。"),
        "settled": language("已结算。"),
        "returned": language("付款方退回了这一行。请服务方按退回事由更正，更正会成为新的版本。"),
        "waived": language("不收费，创新券已退还。"),
    }
    return texts[document["state"]]


def _told(command: str, language: Language) -> str:
    texts = {
        "confirm": language("已确认，费用和分担已写入计价行。"),
        "dispute": language("异议已提交，两省工作人员已收到通知。"),
        "refer": language("已提请两省裁定。"),
        "amend": language("新的版本已保存。"),
        "waive": language("已放弃收费，创新券已退还。"),
        "decide": language("裁定已记录；两省结论一致时立即生效。"),
        "arbitrate": language("仲裁已生效。"),
        "evidence": language("文件已提交，双方和裁定人员都能看到。"),
    }
    return texts.get(command, "")


def _prefilled(used: Mapping[str, Any]) -> dict[str, str]:
    """The form's fields with what the present version says."""
    found = {
        name: ""
        if field not in used
        else f"{datetime.fromisoformat(used[field]).astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"
        for name, field in (("start", "started_at"), ("end", "ended_at"))
    }
    hours = used.get("hours")
    found["hours"] = "" if hours is None else f"{hours:g}"
    found["quantity"] = str(used.get("quantity", ""))
    found["charging_unit"] = used.get("charging_unit", "sample")
    return found


def _position(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    at, usage_id = decode_cursor("usage", cursor, [str, str])
    return datetime.fromisoformat(at), usage_id
