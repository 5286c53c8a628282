"""What each command brings along: read from its body and checked, before the state machine is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

import schemas
from hub.bookings import wire
from hub.bookings.errors import (
    ColleagueUnfit,
    CommandRefused,
    ProposalChanged,
    ReasonUnfit,
    RequestIncomplete,
)
from hub.bookings.models import Booking
from hub.bookings.rules.deciding import MACHINE
from hub.bookings.service import moving, people, proposing, reports
from hub.bookings.service.acting import Actor
from hub.bookings.service.effects import telling
from hub.bookings.service.moving import Given

LEAST_PROPOSAL = timedelta(hours=1)
"""A proposal must leave the other side at least this long."""

_REASONS_OF = {"provider": {"station", "both"}, "enterprise": {"enterprise", "both"}}


@dataclass(frozen=True, slots=True)
class Asked:
    """A command with its body, a valid `booking-command` document, on a locked booking."""

    session: Session
    booking: Booking
    actor: Actor
    body: Mapping[str, Any]
    now: datetime

    def given(self, **more: Any) -> Given:
        """Reason and text, and what else the command brings."""
        reason = self.body.get("reason")
        if reason is not None:
            _check_reason(reason, self.actor.side)
        return Given(reason=reason, text=self.body.get("text"), **more)

    def keep(self, **values: Any) -> None:
        """Put values into the booking's document."""
        self.booking.document = {**self.booking.document, **values}


def _plain(asked: Asked) -> Given:
    return asked.given()


def _with_reason(asked: Asked) -> Given:
    """The reason is shown with the booking from now on."""
    given = asked.given()
    asked.keep(reason=given.reason, **({"reason_text": given.text} if given.text else {}))
    return given


def _cancel(asked: Asked) -> Given:
    """When and from where it was cancelled decides what it costs, however long the province takes to confirm."""
    booking = asked.booking
    before = booking.resume_state if booking.state == "reschedule_proposed" else booking.state
    asked.keep(
        cancelling={"side": asked.actor.side, "from": before, "at": asked.now.isoformat()},
    )
    return _with_reason(asked)


def _acknowledge(asked: Asked) -> Given:
    """A person has found the booking at the province, perhaps with its number there."""
    remote_id = asked.body.get("remote_id")
    if remote_id is not None and asked.booking.remote_id is None:
        asked.booking.remote_id = remote_id
    telling.arrived(asked.session, asked.booking, now=asked.now)
    return asked.given()


def _propose(asked: Asked) -> Given:
    """Write the proposal; the move holds its time. The one that is open must be answered first."""
    body, booking = asked.body, asked.booking
    slot = wire.slot_of(body.get("slot"))
    is_provider = asked.actor.side == "provider"
    terms = proposing.Terms(
        slot=None if slot is None else (slot.start, slot.end),
        due_on=date.fromisoformat(body["due_on"]) if "due_on" in body else None,
        fee_fen=body.get("fee_fen"),
        service_mode=body.get("service_mode"),
        reason=body.get("reason"),
        text=body.get("text"),
    )
    if terms.is_empty:
        raise RequestIncomplete(
            "/slot", "请填写要改成的时段、日期或费用。", "Say which time, day or fee is proposed."
        )
    if terms.fee_fen is not None and not is_provider:
        raise RequestIncomplete("/fee_fen", "费用只能由服务方提议。", "Only the provider proposes a fee.")
    latest = proposing.latest(terms, asked.now)
    if latest < asked.now + LEAST_PROPOSAL:
        raise RequestIncomplete(
            "/slot", "所提时段须至少在一小时以后。", "The proposed time begins in an hour or later."
        )
    hours = wire.terms_of(booking).proposal_hours
    until = wire.instant(body["until"]) if "until" in body else asked.now + timedelta(hours=hours)
    if until < asked.now + LEAST_PROPOSAL:
        raise RequestIncomplete("/until", "至少给对方一小时答复。", "Leave the other side at least an hour.")
    if "until" in body and until > latest:
        raise RequestIncomplete(
            "/until",
            "提议最多保留 30 天，且须在所提时段开始之前答复。",
            "A proposal stays open for 30 days at most, and not beyond the start of its time.",
        )
    _ensure_possible(asked, "propose")
    made = proposing.write(asked.session, booking, asked.actor.side, terms, until=until, now=asked.now)
    return asked.given(detail={"proposal": made.number})


def _answer_proposal(asked: Asked) -> Given:
    """The answer must name the proposal that is open."""
    found = moving.open_proposal(asked.session, asked.booking)
    number = None if found is None else found.number
    if asked.booking.state == "reschedule_proposed" and asked.body.get("proposal") != number:
        raise ProposalChanged(number)
    return asked.given(detail={} if number is None else {"answered": number})


def _receive_samples(asked: Asked) -> Given:
    """Which samples came, and in what condition; without a list all of them."""
    ordered = [sample["label"] for sample in asked.booking.document.get("samples", [])]
    named = asked.body.get("samples") or [{"label": label} for label in ordered]
    for number, sample in enumerate(named):
        if sample["label"] not in ordered:
            raise RequestIncomplete(
                f"/samples/{number}/label",
                f"本预约没有编号为「{sample['label']}」的样品。",
                f"This booking has no sample {sample['label']!r}.",
            )
    asked.keep(samples_received=[{**sample, "at": asked.now.isoformat()} for sample in named])
    return asked.given()


def _check_out(asked: Asked) -> Given:
    """What was used, as the provider tells it."""
    usage = asked.body.get("usage")
    if usage is not None:
        asked.keep(usage=usage)
    return asked.given(has_usage=usage is not None)


def _deliver(asked: Asked) -> Given:
    """The newest report goes to the enterprise."""
    _ensure_possible(asked, "deliver")
    report = reports.mark_delivered(asked.session, asked.booking.id, now=asked.now)
    return asked.given(has_report=True, detail={"version": report.version, "sha256": report.sha256})


def _transfer(asked: Asked) -> Given:
    """To a colleague who acts for the same enterprise."""
    person_id = asked.body["person_id"]
    applicant = people.colleague(asked.session, asked.booking.enterprise_id, person_id)
    if applicant is None:
        raise ColleagueUnfit
    return asked.given(detail={"person_id": person_id, "applicant": applicant})


def _dispatch(asked: Asked) -> Given:
    """To the institution whose instrument it is."""
    wanted = asked.body.get("institution_id", asked.booking.institution_id)
    if wanted is None or wanted != asked.booking.institution_id:
        raise RequestIncomplete(
            "/institution_id",
            "只能派给该仪器的管理单位。",
            "A booking can only be dispatched to the institution that owns the instrument.",
        )
    return asked.given(detail={"institution_id": wanted})


def _ensure_possible(asked: Asked, command: str) -> None:
    """Ask the machine before anything is written that a refusal would have to undo in the caller's eyes."""
    facts = moving.facts(asked.session, asked.booking)
    row = MACHINE.find(facts.state, command, asked.actor.side)
    if row is None:
        raise CommandRefused(
            command,
            "illegal_transition",
            "当前状态下不能这样做",
            "not possible in this state",
            state=facts.state,
            possible=MACHINE.commands(facts.state, asked.actor.side),
        )


def _check_reason(reason: str, side: str) -> None:
    allowed = _REASONS_OF.get(side)
    if allowed is None:
        return
    listed = schemas.codes("booking_reason")
    if listed[reason].attributes["by"] not in allowed:
        raise ReasonUnfit(
            reason, [code for code, entry in listed.items() if entry.attributes["by"] in allowed]
        )


PREPARE: Mapping[str, Callable[[Asked], Given]] = {
    **dict.fromkeys(
        ("discard", "accept", "check_in", "no_show", "complete", "hand_back", "mark_paid", "confirm_fee"),
        _plain,
    ),
    **dict.fromkeys(("retry_undo", "prove_absent"), _plain),
    **dict.fromkeys(
        ("reject", "dispute", "resolve_dispute", "overturn", "appeal", "resolve_stuck", "fail_forward"),
        _with_reason,
    ),
    "cancel": _cancel,
    "acknowledge": _acknowledge,
    "propose": _propose,
    "agree": _answer_proposal,
    "decline": _answer_proposal,
    "receive_samples": _receive_samples,
    "check_out": _check_out,
    "deliver": _deliver,
    "transfer": _transfer,
    "dispatch": _dispatch,
}
"""Command → what reads its body. What is not here is not a command of people on an existing booking."""
