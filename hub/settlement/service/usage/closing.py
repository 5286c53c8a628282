"""Ends of a usage and its line: returned by the payer, given up by who serves, taken back by terms."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

import schemas
from hub.identity import queries as identity
from hub.settlement.errors.usage import ReasonUnfit, UsageLocked, UsageUnknown
from hub.settlement.models import RatedLine, Usage, UsageReturn
from hub.settlement.rules.usages import Price
from hub.settlement.service.usage import moving, rated_lines, recording, telling
from hub.settlement.service.usage.disputing import check_reason
from hub.settlement.service.usage.moving import SYSTEM, By
from hub.settlement.service.usage.rated_lines import Rated


def return_line(
    session: Session, line_id: int, code: str, *, text: str | None = None, by: str, now: datetime
) -> None:
    """The payer's side sends a line back: it is owed no more until the station has mended it by a new version.

    `code` is one of `line_return`. Who serves is told. What the voucher has captured stays captured until the next
    version is priced. Safe to repeat: a line that was returned already stays as it was. Raises `UsageUnknown`,
    `ReasonUnfit`, `UsageRefused` (what is settled is corrected by a credit document).
    """
    if code not in schemas.codes("line_return"):
        raise ReasonUnfit(code, list(schemas.codes("line_return")), field="/code")
    line = session.get(RatedLine, line_id)
    if line is None:
        raise UsageUnknown(str(line_id))
    if session.get(UsageReturn, line_id) is not None:
        return
    held = session.get(Usage, line.usage_id)
    if held is None:  # a line of a usage that this hub does not keep has nobody here to mend it
        line.state = "returned"
        session.flush()
        return
    usage = moving.lock(session, held.id)
    moving.move(session, usage, "return_line", By("payer", by), reason=code, now=now)
    rated_lines.withdraw(session, usage, "returned", now=now)
    _note_return(session, usage, line, (code, text, by), now=now)


def reopen_credited(session: Session, line_id: int, *, text: str, by: str, now: datetime) -> None:
    """A credit document took a settled line back, and its posting reversed what was posted: who serves corrects the usage.

    Its next version is settled like any other, or it is given up. Nothing is posted here. Safe to repeat.
    """
    line = session.get_one(RatedLine, line_id)
    held = session.get(Usage, line.usage_id)
    if held is None or session.get(UsageReturn, line_id) is not None:
        return
    usage = moving.lock(session, held.id)
    moving.move(session, usage, "return_line", By("payer", by), reason="other", now=now)
    _note_return(session, usage, line, ("other", text, by), now=now)


def waive_usage(
    session: Session, usage: Usage, by: By, *, reason: str | None, recipients: Iterable[str], now: datetime
) -> None:
    """Who serves gives the charge up (submitted or returned); the voucher's money goes back. Raises `UsageRefused`."""
    check_reason(reason, "provider")
    moving.move(session, usage, "waive", by, reason=reason, now=now)
    _waived(session, usage, now=now)
    telling.tell(session, usage, "usage_changed", recipients, now=now)


def _note_return(
    session: Session, usage: Usage, line: RatedLine, told: tuple[str, str | None, str], *, now: datetime
) -> None:
    code, text, by = told
    session.add(
        UsageReturn(
            line_id=line.id,
            usage_id=usage.id,
            version=line.usage_version,
            code=code,
            text=text,
            returned_by=by,
            returned_at=now,
        )
    )
    session.flush()
    telling.tell(session, usage, "usage_returned", providers(session, usage), now=now)


def take_back(session: Session, usage: Usage, *, now: datetime) -> None:
    """A charge by terms was overturned: its line is withdrawn. Safe to repeat. Raises `UsageLocked`, `UsageRefused`."""
    if usage.state == "waived":
        return
    moving.move(session, usage, "waive", SYSTEM, now=now)
    rated_lines.withdraw(session, usage, "withdrawn", now=now)
    _waived(session, usage, now=now)


def accept_fee(session: Session, usage: Usage, price: Price, by: By, *, now: datetime) -> Rated | None:
    """The enterprise agrees to what the usage comes to beyond the agreed fee: another version, and another line.

    What is above the first fee is its own share. None while the usage is not confirmed yet. Raises `UsageLocked`,
    `UsageRefused`.
    """
    if usage.state == "submitted":
        recording.reprice(session, usage, price, by, reason="parties_agreed", now=now)
        return recording.confirm(session, usage, by, "enterprise", now=now)
    if usage.state != "rated":
        return None
    if not rated_lines.is_open(session, usage):
        raise UsageLocked(usage.order_number)
    moving.move(session, usage, "accept_fee", by, now=now)
    rated_lines.withdraw(session, usage, "withdrawn", now=now)
    recording.reprice(session, usage, price, by, reason="parties_agreed", now=now)
    return rated_lines.rate(session, usage, now=now)


def providers(session: Session, usage: Usage) -> list[str]:
    """The people of the station and of the institution that serve."""
    found: set[str] = set(identity.names_acting(session, party_id=usage.institution_id))
    if usage.operator_id is not None:
        found |= set(identity.names_acting(session, party_id=usage.operator_id, province=usage.visited))
    return sorted(found)


def _waived(session: Session, usage: Usage, *, now: datetime) -> None:
    usage.timer_at = usage.confirm_by = None
    usage.fee_fen = 0
    rated_lines.give_voucher_back(session, usage, now=now)
