"""One order on its way to the money: what was checked and found, what is still missing, its papers, its declaration."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Response, UploadFile
from sqlalchemy.orm import Session

import schemas
from hub.catalog import queries as catalog
from hub.core.errors import HubError
from hub.core.web import CurrentRuntime, ReadSession, WriteSession
from hub.identity import access
from hub.identity import queries as identity
from hub.settlement.queries import redeeming as shown
from hub.settlement.queries import relations
from hub.settlement.service import redeeming
from hub.settlement.service.redeeming import order_of
from station_portal import wording
from station_portal.frame import CurrentFrame, Frame, see_other
from station_portal.i18n import Language
from station_portal.pages.bookings import AnyForm
from station_portal.pages.vouchers import line_words

router = APIRouter(include_in_schema=False)

Reader = Annotated[access.Principal, access.action("order.read")]
Hander = Annotated[access.Principal, access.action("order.hand_in_paper")]
Declarer = Annotated[access.Principal, access.action("order.declare")]
Decider = Annotated[access.Principal, access.action("order.decide_paper")]

MOST_FORM = redeeming.MOST_BYTES + 100_000
TONES = {"met": "ok", "not_met": "warn", "not_asked": "wait"}
PAPER_TONES = {"waiting": "live", "agreed": "ok", "refused": "bad", "replaced": "wait"}


@router.get("/orders/{reference}")
def show_order(
    frame: CurrentFrame, session: ReadSession, me: Reader, reference: str, told: str = ""
) -> Response:
    """What was found about the order, for its two sides and whoever pays."""
    texts = {
        "handed": frame.language("材料已交，等待审核。"),
        "agreed": frame.language("材料已审核通过。"),
        "refused": frame.language("材料已退回，对方会看到理由。"),
        "declared": frame.language("声明已保存。"),
    }
    return frame.page("order_checks.html", _context(frame, session, me, reference, told=texts.get(told, "")))


@router.post("/orders/{reference}/papers", max_body_size=MOST_FORM)
def hand_in(
    reference: str,
    frame: CurrentFrame,
    me: Hander,
    runtime: CurrentRuntime,
    *,
    kind: Annotated[str, Form()] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Hand in a paper."""
    if file is None or not file.filename:
        return _again(frame, me, reference, [("file", frame.language("请选择要上传的文件"))], kind)
    content = file.file.read(redeeming.MOST_BYTES + 1)
    try:
        with runtime.database.write() as session:
            redeeming.hand_in(session, me, reference, kind, (file.filename, content), now=frame.now)
    except HubError as refused:
        return _refused(frame, me, reference, refused, kind)
    return see_other(f"/orders/{reference}?told=handed#papers")


@router.get("/orders/{reference}/papers/{number}")
def read_paper(
    frame: CurrentFrame, session: WriteSession, me: Reader, reference: str, number: int
) -> Response:
    """A paper as a download; reading it is recorded."""
    held = redeeming.read_paper(session, me, reference, number, now=frame.now)
    suffix = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[held.media_type]
    return Response(
        held.content,
        media_type=held.media_type,
        headers={
            # A name of our own: what was handed in may be called anything.
            "Content-Disposition": f'attachment; filename="{held.kind}-{held.id}.{suffix}"',
            "Cache-Control": "private, no-store",
        },
    )


@router.post("/orders/{reference}/papers/{number}")
def decide_paper(
    reference: str,
    number: int,
    frame: CurrentFrame,
    me: Decider,
    runtime: CurrentRuntime,
    *,
    do: Annotated[str, Form()] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Agree to a paper or send it back with a reason."""
    is_agreed = do == "agree"
    try:
        with runtime.database.write() as session:
            redeeming.decide_paper(session, me, number, is_agreed=is_agreed, reason=reason, now=frame.now)
    except HubError as refused:
        return _refused(frame, me, reference, refused, field=f"reason-{number}")
    return see_other(f"/orders/{reference}?told={'agreed' if is_agreed else 'refused'}#papers")


@router.post("/orders/{reference}/declaration")
def declare(
    reference: str, frame: CurrentFrame, me: Declarer, runtime: CurrentRuntime, form: AnyForm
) -> Response:
    """Declare afterwards what was not declared with the booking."""
    said = form.get("is_related", "")
    if said not in {"yes", "no"}:
        return _again(frame, me, reference, [("is_related", frame.language("请声明双方是否为关联单位"))])
    ticked = [code for code in schemas.codes("programme_exclusion") if form.get(f"excluded-{code}") == "yes"]
    try:
        with runtime.database.write() as session:
            redeeming.declare(
                session,
                me,
                reference,
                is_related=said == "yes",
                relation=form.get("relation") or None,
                exclusions=ticked,
                now=frame.now,
            )
    except HubError as refused:
        return _refused(frame, me, reference, refused)
    return see_other(f"/orders/{reference}?told=declared")


@router.get("/staff/papers")
def list_waiting(
    frame: CurrentFrame,
    session: ReadSession,
    me: Annotated[access.Principal, access.action("order.decide_paper")],
) -> Response:
    """Orders of the reader's area whose papers wait."""
    rows = [
        {
            "booking": row.reference,
            "number": row.order_number,
            "enterprise": _party(session, row.enterprise_id),
            "institution": _institution(session, row.institution_id),
            "fen": row.voucher_fen,
            "papers": row.papers,
        }
        for row in shown.papers_waiting(session, me.area or "")
    ]
    return frame.page("papers_waiting.html", {"rows": rows})


def _context(
    frame: Frame,
    session: Session,
    me: access.Principal,
    reference: str,
    *,
    told: str = "",
    wrong: list[tuple[str, str]] | None = None,
    kind: str = "",
) -> dict[str, Any]:
    language = frame.language
    line, record = order_of(session, me, reference, now=frame.now)
    made = redeeming.examined(session, reference, record, now=frame.now)
    verdicts = {
        "seamless": (language("可无感直兑：全程在线，不需要材料"), "ok"),
        "papers": (language("材料齐全，可以结算"), "ok"),
        "own": (language("没有使用创新券，自付已付清"), "ok"),
        "waiting": (language("尚不能兑付"), "warn"),
    }
    programme = record.programme
    wanted = () if programme is None else programme.terms.get("documents", ())
    order = record.order
    asks = programme is not None and order is not None and order.is_related is None
    excluded = () if programme is None else programme.terms["exclusions"]
    return {
        "booking": reference,
        "number": line.order_number,
        "told": told,
        "wrong": wrong or [],
        "kind": kind,
        "verdict": verdicts[made.verdict],
        "is_waiting": made.verdict == "waiting",
        "checked_at": made.checked_at,
        "findings": [
            {
                "rule": wording.name("redeeming_rule", each.rule, language),
                "verdict": {
                    "text": wording.name("redeeming_verdict", each.verdict, language),
                    "tone": TONES[each.verdict],
                },
                "text": language.pick(each.zh, each.en),
                "evidence": _evidence(each.evidence, language),
            }
            for each in made.findings
        ],
        "facts": {
            "enterprise": _party(session, line.enterprise_id),
            "institution": _institution(session, line.institution_id),
            "programme": None if programme is None else _name(frame, programme),
            "programme_id": line.programme_id,
            "is_demo": programme is not None and programme.is_demo,
            "fee": line.fee_fen,
            "voucher": line.voucher_fen,
            "own": line.own_fen,
            "state": line_words(line.state, language),
        },
        "links_booking": me.role
        in {"enterprise_member", "enterprise_manager", "institution_manager", "instrument_operator"},
        "reads_as_auditor": me.role == "auditor",
        "missing": [wording.name("settlement_document", code, language) for code in made.missing],
        "kinds": [(code, wording.name("settlement_document", code, language)) for code in wanted],
        "needs_papers": made.verdict in {"waiting", "papers"} and bool(wanted),
        "papers": [_paper(frame, each) for each in shown.papers_of(session, reference)],
        "may_hand_in": access.may_enter(me, "order.hand_in_paper"),
        "may_decide": access.may_enter(me, "order.decide_paper")
        and (line.payer_area or "").startswith(me.area or "x"),
        "may_declare": asks and access.may_enter(me, "order.declare"),
        "percent": relations.threshold().percent,
        "relations": [
            (code, wording.name("relation_kind", code, language)) for code in schemas.codes("relation_kind")
        ],
        "exclusions": [
            (code, wording.name("programme_exclusion", code, language))
            for code in excluded
            if code not in {"none", "statutory", "related_party"}
        ],
    }


def _paper(frame: Frame, held: shown.HeldPaper) -> dict[str, Any]:
    language = frame.language
    states = {
        "waiting": language("待审核"),
        "agreed": language("已通过"),
        "refused": language("已退回"),
        "replaced": language("已替换"),
    }
    return {
        "id": held.id,
        "kind": wording.name("settlement_document", held.kind, language),
        "filename": held.filename,
        "size": held.size,
        "at": held.uploaded_at,
        "side": language("企业") if held.side == "enterprise" else language("管理单位"),
        "state": {"text": states[held.state], "tone": PAPER_TONES[held.state]},
        "is_open": held.state == "waiting",
        "reason": held.reason,
    }


def _again(
    frame: Frame, me: access.Principal, reference: str, wrong: list[tuple[str, str]], kind: str = ""
) -> Response:
    with frame.runtime.database.read() as session:
        context = _context(frame, session, me, reference, wrong=wrong, kind=kind)
    return frame.page("order_checks.html", context, status=422)


def _refused(
    frame: Frame, me: access.Principal, reference: str, refused: HubError, kind: str = "", *, field: str = ""
) -> Response:
    if refused.status >= 500 or refused.status in {401, 403, 404}:
        raise refused
    words = " ".join(
        each
        for each in (
            frame.language.pick(refused.zh, refused.en),
            frame.language.pick(refused.hint_zh, refused.hint_en),
        )
        if each
    )
    named = field or (refused.field or "file").rpartition(".")[2]
    return _again(frame, me, reference, [(named, words)], kind)


def _evidence(named: str, language: Language) -> list[tuple[str, str]]:
    """What a verdict was read from, in words, with the page that shows it where there is one."""
    found = []
    for each in (part.strip() for part in named.split(",")):
        if each.startswith("us-"):
            found.append((language("使用记录"), f"/usage/{each}"))
        elif each.startswith("pm-"):
            found.append((language("付款"), f"/payments/{each}"))
        elif each.startswith("order-form:"):
            booking, _, number = each.removeprefix("order-form:").rpartition("/")
            found.append((f"{language('委托单')} {number}", f"/bookings/{booking}/order-form"))
        elif each:
            found.append((each, ""))
    return found


def _party(session: Session, party_id: str) -> str:
    held = identity.party_by_id(session, party_id)
    return party_id if held is None else held.name


def _institution(session: Session, institution_id: str) -> str:
    held = catalog.find_institution(session, institution_id)
    return institution_id if held is None else str(held.document["name_zh"])


def _name(frame: Frame, programme: Any) -> str:
    document = programme.document
    return str(frame.language.pick(document["name_zh"], document.get("name_en")))
