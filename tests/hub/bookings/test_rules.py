"""The pure decisions: every path is one of the machine's, and a small model of the saga agrees with them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import schemas
from hub.bookings import rules
from hub.bookings.rules import MACHINE, Command, Facts, Refusal, Transition
from hub.bookings.rules.deciding import GUARDS
from hub.bookings.rules.delivering import Waiting, is_proof_of_absence, next_ask
from hub.bookings.service.effects import EFFECTS
from hub.identity.rules import rules_of

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SLOT = NOW + timedelta(days=3)


def test_every_guard_and_effect_of_the_machine_is_known_and_used() -> None:
    assert {guard for row in MACHINE.transitions for guard in row.guards} == set(GUARDS)
    assert {effect for row in MACHINE.transitions for effect in row.effects} == set(EFFECTS)


def test_the_access_matrix_says_what_the_machine_says() -> None:
    sides = {"enterprise": "enterprise_member", "hub_admin": "hub_admin", "province_staff": "province_staff"}
    for entry in schemas.codes("booking_command").values():
        if entry.attributes["given_by"] != "people":
            continue
        for side, role in (*sides.items(), ("provider", "station_staff")):
            states = {state for state in ("none", *MACHINE.states) if MACHINE.find(state, entry.code, side)}
            states = {"draft" if state == "none" else state for state in states}
            rows = [row for row in rules_of(f"booking.{entry.code}") if row.role == role]
            assert {state for row in rows for state in row.states or ()} == states, (entry.code, role)


def test_nobody_acts_for_who_is_not_responsible() -> None:
    facts = Facts("forwarded", responsible="institution")
    refused = rules.decide(facts, Command("accept", "provider", acting_as="station"), NOW)
    assert isinstance(refused, Refusal)
    assert refused.code == "not_responsible"
    assert "hand_back" in refused.possible
    assert isinstance(
        rules.decide(facts, Command("accept", "provider", acting_as="institution"), NOW), Transition
    )


def test_a_cancellation_that_is_refused_goes_back_to_where_it_came_from() -> None:
    for state, back in (
        ("accepted", "accepted"),
        ("submitted", "forwarded"),
        ("sample_received", "sample_received"),
    ):
        moved = rules.decide(Facts(state), Command("cancel", "enterprise", reason="plans_changed"), NOW)
        assert isinstance(moved, Transition)
        assert (moved.target, moved.resume) == ("cancelling", back)


@pytest.mark.parametrize(
    ("facts", "kind", "commands"),
    [
        (Facts("submitted"), "received", ("acknowledge",)),
        (Facts("forward_unknown"), "accepted", ("acknowledge", "accept")),
        (Facts("submitted"), "done", ("acknowledge", "accept", "check_in", "check_out")),
        (Facts("forwarded"), "report", ("accept", "check_in", "check_out", "deliver")),
        (Facts("accepted"), "rejected", ("withdraw",)),
        (Facts("submitted"), "cancelled", ("acknowledge", "withdraw")),
        (Facts("cancelling", resume="accepted"), "cancelled", ("confirm_cancel",)),
        (Facts("cancelling", resume="accepted"), "rejected", ("confirm_cancel",)),
        (Facts("cancelling", resume="accepted"), "in_service", ("refuse_cancel", "check_in")),
        (Facts("reschedule_proposed", resume="forwarded", proposal_by="enterprise"), "agreed", ("agree",)),
        (
            Facts("reschedule_proposed", resume="forwarded", proposal_by="enterprise"),
            "proposed",
            ("decline", "propose"),
        ),
        (
            Facts("reschedule_proposed", resume="accepted", proposal_by="platform"),
            "in_service",
            ("lapse", "check_in"),
        ),
        (
            Facts("reschedule_proposed", resume="forwarded", proposal_by="platform"),
            "accepted",
            ("lapse", "accept"),
        ),
        (Facts("compensation_stuck", resume="expired"), "cancelled", ("resolve_stuck",)),
    ],
)
def test_an_answer_is_carried_out_by_the_shortest_way(
    facts: Facts, kind: str, commands: tuple[str, ...]
) -> None:
    plan = rules.plan(facts, kind, names_other_slot=False, names_proposal=False, now=NOW)
    assert plan.commands == commands


@pytest.mark.parametrize("state", MACHINE.states)
@pytest.mark.parametrize("kind", MACHINE.answers)
def test_every_answer_in_every_state_has_a_defined_end(state: str, kind: str) -> None:
    resume = {"reschedule_proposed": "forwarded", "cancelling": "accepted", "compensation_stuck": "expired"}
    by = "enterprise" if state == "reschedule_proposed" else None
    facts = Facts(state, resume=resume.get(state), proposal_by=by)
    plan = rules.plan(facts, kind, names_other_slot=False, names_proposal=False, now=NOW)
    assert bool(plan.commands) == (plan.verdict in {"apply", "undone"} and facts.state not in {"expired"})
    if MACHINE.states[state].is_terminal and state not in {"completed", "no_show"}:
        assert plan.verdict != "apply", "what is over stays over"


def test_what_may_have_been_acted_on_is_never_blindly_sent() -> None:
    for kind in ("submit", "cancel", "propose", "agree", "decline"):
        for is_wanted in (True, False):
            for mode, can_ask in (("native", False), ("lookup", True), ("none", False), ("none", True)):
                step = rules.next_step(Waiting(kind, NOW, is_wanted, mode, can_ask))  # type: ignore[arg-type]
                assert step != "send" or (mode == "native" and is_wanted)
                assert step != "void"


def test_absence_proves_something_only_after_a_while() -> None:
    assert not is_proof_of_absence(NOW, NOW + timedelta(seconds=44), 0)
    assert is_proof_of_absence(NOW, NOW + timedelta(seconds=45), 0)
    assert not is_proof_of_absence(NOW, NOW + timedelta(seconds=100), 120)
    asked, now = 0, NOW
    while not is_proof_of_absence(NOW, now, 120) and asked < 20:
        now, asked = next_ask(asked, NOW, now, 120), asked + 1
    assert asked < 8, "asked sparingly, and once exactly when it begins to prove something"
    assert now == NOW + timedelta(seconds=120)


def test_terms_round_down_and_cost_nothing_in_time() -> None:
    offered = {
        "late_cancel_percent": 30,
        "no_show_grace_minutes": 30,
        "no_show_percent": 50,
        "confirm_days": 5,
    }
    terms = rules.terms_of("310000", NOW, offered, cancel_minutes=1440)
    assert rules.cancellation_charge(terms, 99999, SLOT, SLOT - timedelta(days=1)) is None
    late = rules.cancellation_charge(terms, 99999, SLOT, SLOT - timedelta(hours=23))
    assert late is not None
    assert (late.fee_fen, late.zh) == (29999, "逾期取消：约定费用 999.99 元 × 30%")
    assert rules.no_show_charge(terms, None) is None


SIDES = st.sampled_from(MACHINE.sides)
COMMANDS = st.sampled_from(sorted({row.command for row in MACHINE.transitions}))


class Saga(RuleBasedStateMachine):
    """Commands in any order against a model that knows four things only: booked, begun, over, undone."""

    @initialize()
    def begin(self) -> None:
        self.facts = Facts("none", slot_start=SLOT)
        self.has_begun = self.was_accepted = self.is_over = False
        self.steps = 0

    @rule(command=COMMANDS, side=SIDES)
    def give(self, command: str, side: str) -> None:
        given = Command(
            command, side, reason="plans_changed", has_usage=True, has_report=True, is_implied=True
        )
        found = rules.decide(self.facts, given, SLOT + timedelta(days=1))
        if isinstance(found, Refusal):
            assert command not in found.possible
            return
        if self.is_over:
            assert MACHINE.states[found.target].phase in {"ended", "undoing"}, "over is over"
        if found.target == "accepted" and found.source != "accepted":
            assert found.source in {"none", "forwarded", "reschedule_proposed", "cancelling"}
            self.was_accepted = True
        if found.target in {"sample_received", "in_service", "service_done", "completed", "no_show"}:
            assert self.was_accepted, "no service without acceptance"
        if side == "hub_admin":
            assert found.target not in {"accepted", "rejected", "in_service", "service_done", "completed"}
        self.is_over = MACHINE.states[found.target].is_terminal or (
            self.is_over and found.target == "compensation_stuck"
        )
        proposal_by = side if command == "propose" else self.facts.proposal_by
        self.facts = Facts(
            found.target,
            resume=found.resume,
            slot_start=SLOT,
            proposal_by=proposal_by if found.target == "reschedule_proposed" else None,
            timer_at=SLOT,
            undo="open" if found.target in {"expired", "forward_failed"} else "none",
            disputable_until=SLOT + timedelta(days=9),
            is_disputed="flag_dispute" in found.effects,
        )

    @invariant()
    def what_is_possible_is_possible(self) -> None:
        for side in ("enterprise", "provider"):
            for name in rules.possible(self.facts, side, SLOT + timedelta(days=1)):
                whole = Command(name, side, reason="given", has_usage=True, has_report=True)
                assert isinstance(rules.decide(self.facts, whole, SLOT + timedelta(days=1)), Transition)


Saga.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestSaga = Saga.TestCase
