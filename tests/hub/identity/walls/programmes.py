"""An application, a draft and an instruction about money of one area's programme, for the walls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hub.settlement import models, rules, service

PROGRAMME = "demo-330400-voucher"
DOCUMENT = next(each for each in rules.demo() if each["id"] == PROGRAMME)


def put_programme_objects(session: Session, known: dict[str, Any], now: datetime) -> None:
    """One of each, of Jiaxing and of the enterprise; `known` names them afterwards."""
    service.load_programmes(session, [DOCUMENT], actor="system:test", now=now)
    application = models.Application(
        id="va-" + "a" * 24, number="SL-330400-2026-0001", programme_id=PROGRAMME, programme_version=1, area="330400",
        year=2026, holder=known["enterprise_id"], holder_name="嘉兴企业（合成）", credit_code="91330400MA28A3B078",
        home_area="330402", state="submitted", revision=1, fen=1, answers={}, missing=[], made_by="system:test",
        made_at=now, submitted_at=now,
    )  # fmt: skip
    session.add(application)
    session.flush()
    paper = models.ApplicationPaper(
        application_id=application.id, kind="other", filename="a.pdf", media_type="application/pdf", sha256="a" * 64,
        size=4, content=b"%PDF", handed_in_by="system:test", handed_in_at=now,
    )  # fmt: skip
    draft = models.ProgrammeDraft(
        programme_id=PROGRAMME, area="330400", state="draft", revision=1, base_version=1, document=dict(DOCUMENT),
        editors=["system:test"], made_at=now, changed_at=now,
    )  # fmt: skip
    instruction = models.Instruction(
        key="system:test:k", kind="fund", programme_id=PROGRAMME, area="330400", year=2026, fen=1, note="",
        state="proposed", proposed_by="system:test", proposed_at=now,
    )  # fmt: skip
    session.add_all([paper, draft, instruction])
    session.flush()
    known |= {
        "application_id": application.id,
        "paper_number": paper.id,
        "programme_id": PROGRAMME,
        "draft_id": draft.id,
        "instruction_id": instruction.id,
    }
