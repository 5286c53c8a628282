"""What a move brings with it, by the names of the machine's effects; each in the move's own transaction.

`PREPARED` happens before the decision, because it may refuse: slot, quote and voucher are held by whoever submits.
"""

from collections.abc import Callable, Mapping

from hub.bookings.service.acting import Move
from hub.bookings.service.effects import (
    charging,
    claims,
    flags,
    noticing,
    paying,
    redeeming,
    telling,
    using,
    vouchers,
)

PREPARED = frozenset({"claim_slot", "hold_quote", "hold_voucher"})

follow_payment = paying.follow_move
"""What every move brings, after its own effects: settlement hears what is owed now."""

EFFECTS: Mapping[str, Callable[[Move], None]] = {
    **dict.fromkeys(PREPARED, lambda _made: None),
    "confirm_claim": claims.confirm_claim,
    "release_claim": claims.release_claim,
    "hold_voucher_anew": vouchers.hold_anew,
    "release_voucher": vouchers.release,
    "capture_voucher": using.settle,
    "hold_proposed": claims.hold_proposed,
    "take_proposed": claims.take_proposed,
    "drop_proposed": claims.drop_proposed,
    "restart_answer_clock": flags.restart_answer_clock,
    "tell_province": telling.tell_province,
    "schedule_lookup": telling.schedule_lookup,
    "send_again": telling.send_again,
    "undo_remote": telling.undo_remote,
    "cancel_remote": telling.undo_remote,
    "stop_undo": telling.stop_undo,
    "open_case": flags.open_case,
    "close_case": flags.close_case,
    "charge_service": charging.charge_service,
    "charge_asked": charging.charge_asked,
    "charge_cancellation": charging.charge_cancellation,
    "charge_no_show": charging.charge_no_show,
    "waive_fee": charging.waive_fee,
    "settle_payment": paying.receive,
    "flag_dispute": flags.flag_dispute,
    "flag_appeal": flags.flag_appeal,
    "clear_dispute": flags.clear_dispute,
    "make_institution_responsible": flags.make_institution_responsible,
    "make_station_responsible": flags.make_station_responsible,
    "change_applicant": flags.change_applicant,
    "tell_redeeming": redeeming.tell,
    "notify_enterprise": noticing.notify_enterprise,
    "notify_provider": noticing.notify_provider,
    "notify_other_side": noticing.notify_other_side,
    "notify_both": noticing.notify_both,
    "notify_institution": noticing.notify_provider,
    "notify_province": noticing.notify_province,
    "notify_hub_admin": noticing.notify_hub_admin,
}
