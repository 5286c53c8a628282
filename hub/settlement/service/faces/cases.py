"""Named cases of settlement for a person: what the hub must not decide by itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from hub.core import audit
from hub.core.db import insert
from hub.settlement.errors import FaceCaseUnknown
from hub.settlement.models import FaceCase

KINDS = {
    "paper_refused": ("省级系统拒收清单或对账单", "a province refused a list or statement"),
    "paper_mismatch": ("省级系统所存与发出的不一致", "a province holds something else than was sent"),
    "paper_duplicate": (
        "省级系统重复收单，可能重复支付",
        "a province holds a list twice and may pay it twice",
    ),
    "paper_stuck": ("清单或对账单未能送达", "a list or statement cannot be delivered"),
    "paper_unknown": ("送达结果长时间不明", "whether a list or statement arrived has long been unknown"),
    "result_unclear": ("兑付结果含义不明", "a result's meaning is not known"),
    "result_foreign": (
        "兑付结果指向他人的清单或不存在的行",
        "a result names another's list or no known line",
    ),
    "result_contradictory": ("兑付结果前后矛盾", "results contradict each other"),
    "result_refused": ("兑付结果未被采用", "a result was not applied"),
    "results_damaged": ("结果文件或条目损坏", "a result file or entry is damaged"),
    "allotment_refused": ("额度划拨未被执行", "an allotment was not carried out"),
    "figures_differ": ("额度对账不一致", "figures of allotments differ"),
    "face_silent": (
        "省级结算接口长时间不可用",
        "a province's settlement interface has long been unreachable",
    ),
}
"""Kind → what it is about, in both languages."""


def open_case(
    session: Session, kind: str, province: str, subject: str, detail: Mapping[str, Any], *, now: datetime
) -> bool:
    """Have a person look at something; whether the case is new. Safe to repeat: one of a kind is open for a subject."""
    if kind not in KINDS:
        raise ValueError(f"no such kind of case: {kind!r}")
    added = insert(session, FaceCase).values(
        open_key=f"{kind}:{province}:{subject}",
        kind=kind,
        province=province,
        subject=subject,
        state="open",
        detail=dict(detail),
        seen=1,
        opened_at=now,
    )
    seen = session.scalar(
        added.on_conflict_do_update(index_elements=["open_key"], set_={"seen": FaceCase.seen + 1}).returning(
            FaceCase.seen
        )
    )
    return seen == 1


def close_case(
    session: Session, case_id: int, *, by: str, province: str | None, resolution: str, now: datetime
) -> None:
    """A person has settled a case, of their province unless `province` is None. Raises `FaceCaseUnknown`."""
    mine = (
        (FaceCase.id == case_id,)
        if province is None
        else (FaceCase.id == case_id, FaceCase.province == province)
    )
    if not _close(session, mine, by=by, resolution=resolution, now=now):
        raise FaceCaseUnknown(case_id)
    audit.record(session, by, "settlement.close_case", f"settlement-case:{case_id}", now=now)


def settle_cases(
    session: Session, kind: str, province: str, subject: str, *, resolution: str, now: datetime
) -> None:
    """What was open has resolved itself. Safe to repeat."""
    mine = (FaceCase.open_key == f"{kind}:{province}:{subject}",)
    _close(session, mine, by="system:settlement", resolution=resolution, now=now)


def _close(session: Session, where: tuple[Any, ...], *, by: str, resolution: str, now: datetime) -> int:
    gone = session.execute(
        update(FaceCase)
        .where(FaceCase.state == "open", *where)
        .values(state="closed", open_key=None, closed_at=now, closed_by=by, resolution=resolution)
        .returning(FaceCase.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())
