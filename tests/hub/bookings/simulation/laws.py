"""What must hold after any history: nothing lost, nothing doubled, nothing left behind. Read from committed rows."""

from itertools import pairwise

from sqlalchemy import select

from hub.availability.models import Cell, Claim
from hub.bookings import rules
from hub.bookings.models import Booking, Case, Delivery, Transition
from hub.settlement.models import Hold, RatedLine, Usage
from tests.hub.bookings.simulation.play import Play

ENDED = {"cancelled", "compensation_stuck", "expired", "forward_failed", "no_show", "rejected"}
ALIVE = {"received", "accepted", "in_service"}
GONE_ON = {"received": 0, "accepted": 1, "in_service": 2, "done": 3}
REACHED = {"accepted": 1, "in_service": 2, "service_done": 3}


def broken(play: Play) -> list[str]:
    """Every law that this history broke, in words."""
    with play.world.database.read() as session:
        bookings = {row.id: row for row in session.scalars(select(Booking))}
        claims = {row.id: row for row in session.scalars(select(Claim))}
        celled = set(session.scalars(select(Cell.claim_id)))
        open_cases = {row.booking_id for row in session.scalars(select(Case).where(Case.state == "open"))}
        deliveries = session.scalars(select(Delivery)).all()
        holds = {row.reference: row for row in session.scalars(select(Hold).order_by(Hold.number))}
        usages = {row.reference: row for row in session.scalars(select(Usage))}
        lines = {row.usage_id: row for row in session.scalars(select(RatedLine))}
        history: dict[str, list[Transition]] = {}
        for row in session.scalars(select(Transition).order_by(Transition.revision)):
            history.setdefault(row.booking_id, []).append(row)
    found = [f"lost: {booking_id}" for booking_id in play.bookings if booking_id not in bookings]
    for booking in bookings.values():
        found += _of_booking(play, booking, booking.id in open_cases)
        usage = usages.get(booking.id)
        found += _of_voucher(booking, holds.get(booking.id), usage)
        found += _of_usage(booking, usage, None if usage is None else lines.get(usage.id))
        found += _of_claim(booking, claims.get(booking.id), booking.id in celled)
        found += _of_history(booking, history.get(booking.id, []))
    found += _of_times(list(claims.values()))
    for delivery in deliveries:
        if delivery.state in {"pending", "unknown"} or (
            delivery.state == "dead" and delivery.booking_id not in open_cases
        ):
            found.append(
                f"message {delivery.kind} of {delivery.booking_id} is {delivery.state} and nobody sees it"
            )
    return found


def _of_booking(play: Play, booking: Booking, has_case: bool) -> list[str]:
    found = []
    state = rules.MACHINE.states[booking.state]
    waits_for_people = booking.turn_side in {"enterprise", "provider", "both", "province_staff", "hub_admin"}
    if not (state.is_terminal or has_case or waits_for_people):
        found.append(f"{booking.id} waits for nobody in {booking.state}")
    province = play.world.provinces[booking.province]
    held = [order for order in province.orders if order.booking_id == booking.id]
    live = [order for order in held if order.state in ALIVE]
    is_doubled = len(held) > 1 if province.way != "lookup" else len(live) > 1 and not has_case
    if is_doubled:  # a line that delivers twice is mended where the province can be asked
        found.append(f"doubled: {len(held)} orders of {booking.id} in {booking.province}")
    orders = [order for order in held if order.remote_id == booking.remote_id] or held
    if booking.channel != "platform":
        return found
    alive = [order for order in orders if order.state in ALIVE]
    if state.claim == "none" and state.is_terminal and alive and not has_case:
        found.append(
            f"left behind: {booking.id} is {booking.state}, the province holds it as {alive[0].state}"
        )
    agreed = {"accepted", "sample_received", "in_service", "service_done"}
    if booking.state in agreed and not has_case and not orders:
        found.append(f"{booking.id} is {booking.state}, and the province knows nothing of it")
    behind = [order for order in orders if GONE_ON.get(order.state, 9) < REACHED.get(booking.state, 0)]
    if behind and not has_case:
        found.append(f"{booking.id} is {booking.state}, and the province was never told: {behind[0].state}")
    slot = orders[0].slot if orders else None
    is_two = slot is not None and (slot.start, slot.end) != (booking.starts_at, booking.ends_at)
    if booking.state in agreed and is_two and not has_case:
        found.append(f"{booking.id}: two times for one booking")
    return found


def _of_claim(booking: Booking, claim: Claim | None, has_cells: bool) -> list[str]:
    wanted = rules.MACHINE.states[booking.state].claim
    held = claim is not None and claim.state in {"held", "confirmed"}
    if held != has_cells:
        return [f"{booking.id}: claim {claim and claim.state}, cells {has_cells}"]
    if wanted == "none" and held:
        return [f"orphan claim of {booking.id} in {booking.state}"]
    if booking.starts_at is None or wanted in {"none", "kept"}:
        return []
    if claim is None or claim.state != wanted:
        return [f"{booking.id} in {booking.state} has the claim {claim and claim.state}"]
    if (claim.starts_at, claim.ends_at) != (booking.starts_at, booking.ends_at):
        return [f"{booking.id} claims another time than it has"]
    return []


def _of_voucher(booking: Booking, hold: Hold | None, usage: Usage | None) -> list[str]:
    """A voucher is used when its usage is priced and not before; what came to nothing holds none."""
    shown = booking.document.get("shares")
    if hold is None:
        return [] if shown is None else [f"{booking.id} shows a voucher that nobody holds"]
    found = []
    state = rules.MACHINE.states[booking.state]
    waits = usage is not None and usage.kind == "service" and usage.state in {"submitted", "disputed"}
    if hold.state == "held" and (state.is_terminal or booking.state in ENDED) and not waits:
        found.append(f"orphan hold of {booking.id} in {booking.state}")
    is_priced = usage is not None and usage.kind == "service" and usage.state == "rated"
    if (hold.state == "captured") != is_priced:
        found.append(f"{booking.id} is {booking.state}, its voucher is {hold.state}")
    kept = hold.captured_fen if hold.state == "captured" else hold.fen if hold.state == "held" else 0
    if shown is None or (shown["state"], shown["voucher_fen"]) != (hold.state, kept):
        found.append(f"{booking.id} shows {shown}, its hold is {hold.state} {kept}")
    return found


def _of_usage(booking: Booking, usage: Usage | None, line: RatedLine | None) -> list[str]:
    """What was served at a fee has a usage; the line of a priced one is what the booking shows as owed."""
    is_served = booking.state in {"service_done", "report_delivered", "completed"}
    if is_served and booking.fee_fen and usage is None:
        return [f"{booking.id} is {booking.state}, and nobody knows what was used"]
    if usage is None:
        return []
    if usage.kind == "service" and not is_served:
        return [f"{booking.id} is {booking.state} and has a usage"]
    if (usage.state == "rated") != (line is not None):
        return [f"{booking.id}: usage {usage.state}, line {line and line.state}"]
    if line is not None and line.fee_fen != booking.charge_fen:
        return [f"{booking.id} owes {booking.charge_fen}, its line says {line.fee_fen}"]
    return []


def _of_times(claims: list[Claim]) -> list[str]:
    """No two live claims share an instant of an instrument with one lane."""
    live = sorted(
        (claim.instrument_id, claim.starts_at, claim.ends_at, claim.id)
        for claim in claims
        if claim.state in {"held", "confirmed"}
    )
    return [
        f"overlap on {first[0]}: {first[3]} and {second[3]}"
        for first, second in pairwise(live)
        if first[0] == second[0] and second[1] < first[2]
    ]


def _of_history(booking: Booking, rows: list[Transition]) -> list[str]:
    found = []
    if [row.revision for row in rows] != list(range(1, len(rows) + 1)) or len(rows) != booking.revision:
        found.append(f"{booking.id}: revisions {[row.revision for row in rows]} of {booking.revision}")
    state = "none"
    for row in rows:
        if row.from_state != state or rules.MACHINE.find(state, row.command, row.side) is None:
            found.append(f"{booking.id}: {row.command} by {row.side} from {row.from_state}, was in {state}")
        state = row.to_state
    if state != booking.state:
        found.append(f"{booking.id}: history ends in {state}, the booking is {booking.state}")
    return found
