"""Applications as documents of the specification."""

from collections.abc import Sequence
from typing import Any

from hub.settlement.models import Application, ApplicationEvent, ApplicationPaper
from hub.settlement.rules.applications import Form, Place

HIDDEN = "***"
"""What stands for a personal answer where the reader is of neither side."""


def application_document(
    row: Application,
    papers: Sequence[ApplicationPaper],
    events: Sequence[ApplicationEvent],
    *,
    form: Form | None,
    missing: Sequence[str],
    place: Place | None,
    is_side: bool,
) -> dict[str, Any]:
    """The `application`; `is_side` False (an auditor) hides what is personal."""
    personal = {each.name for each in form.fields if each.is_personal} if form is not None else set()
    told: dict[str, Any] = {
        "id": row.id,
        "number": row.number,
        "programme_id": row.programme_id,
        "programme_version": row.programme_version,
        "area": row.area,
        "year": row.year,
        "holder": {
            "id": row.holder,
            "name": row.holder_name,
            **({"credit_code": row.credit_code} if row.credit_code else {}),
            "area": row.home_area,
        },
        "state": row.state,
        "revision": row.revision,
        "fen": row.fen,
        "answers": [
            {"name": name, "value": value if is_side or name not in personal else HIDDEN}
            for name, value in row.answers.items()
            if value
        ],
        "papers": [_paper(each) for each in papers],
        "missing": list(missing),
        "events": [_event(each) for each in events],
    }
    optional = {
        "approved_fen": row.approved_fen,
        "place": None if place is None else place._asdict(),
        "reason": row.reason or None,
        "external_reference": row.external_reference,
        "grant_id": row.grant_id,
        "submitted_at": None if row.submitted_at is None else row.submitted_at.isoformat(),
        "decided_at": None if row.decided_at is None else row.decided_at.isoformat(),
    }
    return {**told, **{name: value for name, value in optional.items() if value is not None}}


def _paper(row: ApplicationPaper) -> dict[str, Any]:
    return {
        "number": row.id,
        "kind": row.kind,
        "media_type": row.media_type,
        "size": row.size,
        "sha256": row.sha256,
        "handed_in_at": row.handed_in_at.isoformat(),
    }


def _event(row: ApplicationEvent) -> dict[str, Any]:
    told = {"command": row.command, "side": row.side, "state": row.to_state, "at": row.made_at.isoformat()}
    return {**told, "note": row.note} if row.note else told
