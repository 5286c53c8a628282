"""Settlement documents: what waits for a signature, one document with everything said about it, signing, checking."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path as FilePath
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, File, Form, Path, Query, Response, UploadFile
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

import hub
from hub import verify
from hub.core.errors import HubError, NotFound
from hub.core.web import ReadSession, public
from hub.identity import access
from hub.identity import queries as people
from hub.identity import service as identity
from hub.identity.errors import SecondFactorMissing
from hub.settlement.queries import signing as queries
from hub.settlement.rules import signing as rules
from hub.settlement.service import bundles, signing_desk
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.i18n import Language
from station_portal.settling import names

router = APIRouter(include_in_schema=False)

Reader = Annotated[access.Principal, access.action(signing_desk.READ)]
Signing = Annotated[access.Principal, access.action(signing_desk.SIGN)]
Acknowledging = Annotated[access.Principal, access.action(signing_desk.ACKNOWLEDGE)]

Series = Annotated[str, Path(pattern="^[a-z-]{1,40}:[0-9A-Za-z._:-]{1,80}$")]
Number = Annotated[int, Path(ge=1, le=10**9)]

MOST_BYTES = 100_000
"""Of an uploaded signature with its form around it."""
MOST_CHECKED = 20_000
"""Lines of a statement that are checked while a reader waits; longer ones are checked offline."""
TOOLS: Mapping[str, str] = {"hub-sign.py": "sign.py", "verify.py": "verify.py"}
"""Name of a download → the file beside the hub's modules."""
_SAID_ON_PAGE = {"side_not_concerned", "second_factor_missing", "code_refused"}


@router.get("/staff/documents")
def list_documents(frame: CurrentFrame, session: ReadSession, me: Reader) -> Response:
    """What waits for one's own side, and every document of it."""
    area, language = signing_desk.own_area(me), frame.language
    waiting = [
        {
            "id": each.document_id,
            "kind": kind_name(each.kind, language),
            "side": names.area(each.side, language),
            "deadline": each.deadline,
            "is_overdue": each.is_overdue,
        }
        for each in queries.waiting_signatures(session, area, now=frame.now)
    ]
    rows = [
        {
            "id": document.id,
            "kind": kind_name(document.kind, language),
            "issued_at": document.issued_at,
            "sides": _sides(session, document, frame),
        }
        for document in queries.documents_within(session, area)
    ]
    context = {"waiting": waiting, "rows": rows, "most": queries.MOST, "tools": tools()}
    return frame.page("settling_documents.html", context)


@router.get("/staff/documents/{series}/{number}")
def show_document(
    frame: CurrentFrame, me: Reader, series: Series, number: Number, *, check: str = "", told: str = ""
) -> Response:
    """One document; with `check` the same checks as those of the offline verifier are run and told in words."""
    texts = {
        "signed": frame.language("签名有效，已保存。"),
        "receipt": frame.language("回执有效，已保存。"),
        "acknowledged": frame.language("已确认。这不是签名；可随时补签。"),
    }
    return _page(frame, me, f"{series}/{number}", told=texts.get(told, ""), wants_check=bool(check))


@router.get("/staff/documents/{series}/{number}/package")
def download_package(frame: CurrentFrame, me: Reader, series: Series, number: Number) -> Response:
    """The document as `hub-sign` takes it."""
    document_id = _readable(frame, me, f"{series}/{number}")
    content = orjson.dumps(bundles.package(frame.runtime, document_id, now=frame.now))
    return _file(content, "application/json", f"{series.replace(':', '-')}-{number}.sign.json")


@router.get("/staff/documents/{series}/{number}/bundle")
def download_bundle(frame: CurrentFrame, me: Reader, series: Series, number: Number) -> Response:
    """The document and what belongs to it as one file that is checked offline."""
    document_id = _readable(frame, me, f"{series}/{number}")
    path = bundles.bundle_file(frame.runtime, document_id, now=frame.now)
    return FileResponse(
        path,
        media_type="application/zip",
        filename=f"{series.replace(':', '-')}-{number}.zip",
        headers={"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"},
        background=BackgroundTask(path.unlink, missing_ok=True),
    )


@router.get("/staff/documents/{series}/{number}/hub-receipt")
def download_receipt(
    frame: CurrentFrame,
    me: Reader,
    series: Series,
    number: Number,
    *,
    side: Annotated[str, Query(pattern="^[0-9]{6}$")] = "",
    kind: Annotated[str, Query(pattern="^(signed|acknowledged|receipt)$")] = "signed",
) -> Response:
    """The hub's signed receipt of what a side said about the document."""
    document_id, whose = f"{series}/{number}", side or signing_desk.signer_of(me).side
    text = signing_desk.hub_receipt(frame.runtime, me, document_id, kind, whose, now=frame.now)
    name = f"{series.replace(':', '-')}-{number}-{whose}-{kind}.receipt.jws"
    return _file(text.encode(), "application/jose", name, kept="private, no-store")


@router.post("/staff/documents/{series}/{number}/signature", max_body_size=MOST_BYTES)
def upload_signature(
    frame: CurrentFrame,
    me: Signing,
    series: Series,
    number: Number,
    *,
    file: Annotated[UploadFile | None, File()] = None,
    jws: Annotated[str, Form(max_length=rules.LONGEST)] = "",
) -> Response:
    """Take in what `hub-sign` wrote: a signature, or a receipt."""
    document_id = f"{series}/{number}"
    sent = file.file.read(rules.LONGEST + 1).decode("utf-8", "replace") if file is not None else ""
    text = sent.strip() or jws.strip()
    kind = _kind_of(text)
    try:
        with frame.runtime.database.write() as session:
            signing_desk.take_signature(
                session, me, document_id, text, "receipt" if kind == "receipt" else "signed", now=frame.now
            )
    except HubError as refused:
        return _refused(frame, me, document_id, refused, jws=jws)
    return see_other(f"/staff/documents/{document_id}?told={kind}#signatures")


@router.post("/staff/documents/{series}/{number}/acknowledge")
def acknowledge(
    frame: CurrentFrame,
    me: Acknowledging,
    series: Series,
    number: Number,
    *,
    digest: Annotated[str, Form(alias="sha256", max_length=64)] = "",
    code: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Acknowledge the document by its hash, with the second factor given now."""
    document_id, runtime = f"{series}/{number}", frame.runtime
    with runtime.database.read() as session:
        signing_desk.open_document(session, me, signing_desk.ACKNOWLEDGE, document_id, now=frame.now)
        has_factor = people.second_factor(session, me.person_id or "") is not None
    try:
        if not has_factor:
            raise SecondFactorMissing
        token = access.session_token(frame.request) or ""
        identity.strengthen(runtime.database, token, code, keys=runtime.sealing, now=frame.now)
        with runtime.database.write() as session:
            signing_desk.acknowledge(session, me, document_id, digest, now=frame.now)
    except HubError as refused:
        return _refused(frame, me, document_id, refused)
    return see_other(f"/staff/documents/{document_id}?told=acknowledged#signatures")


@router.get("/tools/{name}", dependencies=[public])
def download_tool(name: Annotated[str, Path(max_length=20)]) -> Response:
    """The officer's signing program or the offline verifier: one file each, whose SHA-256 the pages show."""
    if name not in TOOLS:
        raise NotFound("没有这个程序。", "There is no such program.", field="name")
    return _file(_tool(name), "text/x-python", name, kept="no-cache")


def count_waiting(frame: Frame, session: Session) -> int:
    """Documents that wait for a signature of the reader's own side; at most a page of them is counted."""
    me = frame.principal
    if me is None or not access.may_enter(me, signing_desk.SIGN):
        return 0
    return len(queries.waiting_signatures(session, signing_desk.own_area(me), now=frame.now))


def tools() -> dict[str, str]:
    """Name of each program → its SHA-256 in hexadecimal."""
    return {name: sha256(_tool(name)).hexdigest() for name in TOOLS}


def kind_name(kind: str, language: Language) -> str:
    """What people call a kind of document."""
    return {
        "statement": language("结算对账单"),
        "payment-list": language("付款清单"),
        "credit": language("更正单"),
    }.get(kind, kind)


def grade_badge(grade: str, language: Language) -> tuple[str, str]:
    """How far a side's word goes, as (tone, words): never told by colour alone."""
    return {
        "signed": ("ok", language("已签名")),
        "acknowledged": ("warn", language("已确认，未签名")),
        "waiting": ("", language("等待签名")),
        "overdue": ("bad", language("逾期未签")),
    }[grade]


def _sides(session: Session, document: Any, frame: Frame) -> list[dict[str, Any]]:
    graded = queries.grades(session, document.id, now=frame.now)
    return [
        {"name": names.area(side, frame.language), "side": side, "badge": grade_badge(grade, frame.language)}
        for side, grade in graded.items()
    ]


def _page(
    frame: Frame,
    me: access.Principal,
    document_id: str,
    *,
    told: str = "",
    wants_check: bool = False,
    wrong: HubError | None = None,
    jws: str = "",
    status: int = 200,
) -> Response:
    language = frame.language
    _readable(frame, me, document_id)
    lines = _lines_of(frame, document_id)
    report = _check(frame, document_id) if wants_check and lines <= MOST_CHECKED else None
    with frame.runtime.database.read() as session:
        held = signing_desk.open_document(session, me, signing_desk.READ, document_id, now=frame.now)
        stamp = queries.time_stamp_of(session, f"document:{held.id}")
        sides = _sides(session, held, frame)
        mine = signing_desk.signer_of(me).side
        own = next((each for each in sides if each["side"] == mine), None)
        context: dict[str, Any] = {
            "id": held.id,
            "kind": kind_name(held.kind, language),
            "sha256": held.sha256,
            "issued_at": held.issued_at,
            "deadline": rules.sign_by(mine, held.issued_at),
            "facts": _facts(held.body, frame, names.programmes(session, frame.language)),
            "payments": _payments(held.body),
            "sides": sides,
            "said": [_said(session, row, frame) for row in queries.signatures_of(session, held.id)],
            "stamp": stamp,
            "has_authority": bool(frame.runtime.tsa_url),
            "fingerprints": [fingerprint(key.jwk) for key in queries.hub_keys(session)[-3:]],
            "may_sign": own is not None and access.may_enter(me, signing_desk.SIGN),
            "own": own,
            "has_factor": people.second_factor(session, me.person_id or "") is not None,
            "tools": tools(),
            "told": told,
            "wrong": [] if wrong is None else _faults(wrong, language),
            "jws": jws,
            "is_too_long": wants_check and report is None,
            "most_checked": MOST_CHECKED,
            "report": None if report is None else _report(report, language),
        }
    return frame.page("settling_document.html", context, status=status)


def _faults(wrong: HubError, language: Language) -> list[tuple[str, str]]:
    field = {"jws": "file", "sha256": "code"}.get(wrong.field or "", wrong.field or "")
    found = [(field, language.pick(wrong.zh, wrong.en))]
    if wrong.hint_zh:
        found.append(("", language.pick(wrong.hint_zh, wrong.hint_en or "")))
    return found


def _refused(
    frame: Frame, me: access.Principal, document_id: str, refused: HubError, *, jws: str = ""
) -> Response:
    """The page again with what was wrong; whoever may not see it at all is told so by the error's own page."""
    if refused.status in (401, 403, 404) and refused.code not in _SAID_ON_PAGE:
        raise refused
    frame.note_refusal(refused)
    status = 422 if refused.status in (401, 403) else refused.status
    return _page(frame, me, document_id, wrong=refused, jws=jws, status=status)


def _readable(frame: Frame, me: access.Principal, document_id: str) -> str:
    with frame.runtime.database.read() as session:
        held = signing_desk.open_document(session, me, signing_desk.READ, document_id, now=frame.now)
        return held.id


def _lines_of(frame: Frame, document_id: str) -> int:
    with frame.runtime.database.read() as session:
        held = queries.find_document(session, document_id)
        return 0 if held is None else int(held.body.get("totals", {}).get("lines", 0))


def _check(frame: Frame, document_id: str) -> verify.Report:
    path = bundles.bundle_file(frame.runtime, document_id, now=frame.now)
    try:
        return verify.check(path)
    finally:
        path.unlink(missing_ok=True)


def _report(report: verify.Report, language: Language) -> dict[str, Any]:
    return {
        "fits": report.fits,
        "facts": [language.pick(*fact) for fact in report.facts],
        "problems": [
            (each.file, each.where, language.pick(each.zh, each.en)) for each in report.problems[:50]
        ],
        "count": len(report.problems),
    }


def _facts(body: Mapping[str, Any], frame: Frame, programmes: Mapping[str, str]) -> list[tuple[str, str]]:
    """What the document says, in the words of its own fields."""
    language = frame.language
    titles = {
        "period": language("结算期"),
        "visited": language("服务方所在省"),
        "home": language("企业归属省"),
        "payer_area": language("付款地区"),
        "programme_id": language("政策"),
        "statement": language("所属对账单"),
        "original": language("更正的对账单"),
    }
    areas = {"visited", "home", "payer_area"}
    found = [
        (
            title,
            names.area(body[name], language)
            if name in areas
            else programmes.get(body[name], str(body[name]))
            if name == "programme_id"
            else str(body[name]),
        )
        for name, title in titles.items()
        if name in body
    ]
    for each in body.get("programmes", []):
        share = (
            f"{programmes.get(each['programme_id'], each['programme_id'])} · {_money(each['voucher_fen'])}"
        )
        found.append((language("政策"), share))
    totals = body.get("totals", {})
    amounts = {
        "fee_fen": language("费用合计"),
        "voucher_fen": language("创新券合计"),
        "own_fen": language("自付合计"),
    }
    if "lines" in totals:
        found.append((language("明细行数"), str(totals["lines"])))
    found += [(title, _money(totals[name])) for name, title in amounts.items() if name in totals]
    if "total_fen" in body:
        found.append((language("付款合计"), _money(body["total_fen"])))
    return found


def _payments(body: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    if "total_fen" not in body:
        return []
    return [
        (each.get("payee_name", each["payee_id"]), _money(each["amount_fen"]), len(each["orders"]))
        for each in body["lines"]
    ]


def _said(session: Session, row: Any, frame: Frame) -> dict[str, Any]:
    language = frame.language
    words = {
        "signed": language("签名"),
        "acknowledged": language("确认（不是签名）"),
        "receipt": language("收到回执（不是同意）"),
    }
    return {
        "side": language("枢纽") if row.side == rules.HUB else names.area(row.side, language),
        "kind": words[row.kind],
        "alg": row.alg,
        "kid": row.kid,
        "person": names.person(session, row.person, language),
        "at": row.at,
        "receipt": None if row.side == rules.HUB else f"hub-receipt?side={row.side}&kind={row.kind}",
    }


def fingerprint(jwk: Mapping[str, Any]) -> str:
    """RFC 7638's thumbprint, as `hub-sign` shows it."""
    return rules.thumbprint(jwk)


def _kind_of(text: str) -> str:
    try:
        is_receipt = rules.read_detached(text).header["typ"] == rules.RECEIPT
    except rules.DetachedMalformed:
        return "signed"
    return "receipt" if is_receipt else "signed"


def _tool(name: str) -> bytes:
    return (FilePath(hub.__file__).parent / TOOLS[name]).read_bytes()


def _file(content: bytes, kind: str, name: str, *, kept: str = "private, no-store") -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": kept,
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=kind, headers=headers)


def _money(fen: int) -> str:
    """Always with both decimals: the figures are compared with those on paper."""
    return f"{'−' if fen < 0 else ''}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
