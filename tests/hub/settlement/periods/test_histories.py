"""Any history of periods keeps the laws: lines rated and corrected, returned, agreed, taken back, paid, bounced, credited."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from hub import models
from hub.core.db import Database
from hub.core.errors import HubError
from hub.settlement.models import Batch, Document, Member, PaymentLine, PaymentList, Period, RatedLine
from hub.settlement.service import periods
from hub.settlement.service.periods import Acting, Proof
from tests.hub.settlement.periods.laws import broken
from tests.hub.settlement.periods.world import AFTER, Usage, furnish, rate

PAIRS = (("310000", "330000"), ("520000", "330000"), ("330000", "330000"), ("330000", "310000"))
PEOPLE = ("a", "b", "c")
PROGRAMMES = {"330000": "demo-330400-voucher", "310000": "demo-310000-voucher"}


@cache
def _furnished() -> bytes:
    """A database with the programmes and two periods, made once."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "hub.db"
        database = Database(f"sqlite:///{path}")
        models.METADATA.create_all(database.engine)
        furnish(database)
        database.close()  # the last connection brings everything into the one file
        return path.read_bytes()


class Histories(RuleBasedStateMachine):
    """Two periods of four pairs, driven at random; whatever is refused must change nothing that the laws speak of."""

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "hub.db"
        path.write_bytes(_furnished())
        self.database = Database(f"sqlite:///{path}")
        self.now = AFTER - timedelta(days=30)
        self.count = 0
        self.sealed: dict[str, object] = {}
        self._set_out()

    def _set_out(self) -> None:
        """One period is cut already and a batch of it under review: histories reach their ends from there."""
        for number in range(4):
            self.use(PAIRS[number % 2], 20_000 + number, 50, True)
        self.now = AFTER
        self.do(lambda session: periods.close_period(session, "2026-03", now=self.now))
        for batch_id in (f"2026-03.{visited}-{home}" for visited, home in PAIRS[:2]):
            self.do(lambda session, name=batch_id: periods.calculate_batch(session, name, now=self.now))
            self.submit(0, "v")
        self.agree(0, "h")
        self.post(0)

    def teardown(self) -> None:
        assert broken(self.database) == []
        self.database.close()
        self.folder.cleanup()

    def do(self, act) -> None:  # type: ignore[no-untyped-def]
        try:
            with self.database.write() as session:
                act(session)
        except HubError:
            pass

    def pick(self, column, choice: int, *conditions) -> object | None:  # type: ignore[no-untyped-def]
        with self.database.read() as session:
            found = session.scalars(select(column).where(*conditions).order_by(column)).all()
        return found[choice % len(found)] if found else None

    @rule(
        pair=st.sampled_from(PAIRS),
        fee=st.integers(0, 99_999),
        share=st.integers(0, 100),
        ready=st.booleans(),
    )
    def use(self, pair: tuple[str, str], fee: int, share: int, ready: bool) -> None:
        self.count += 1
        visited, home = pair
        voucher = fee * share // 100
        usage = Usage(
            f"us{self.count:04}", fee, voucher, visited=visited, home=home, programme=PROGRAMMES[home],
            institution=f"{visited[:2]}-u-{self.count % 3}", enterprise=f"en-{self.count % 2}", rated_at=self.now,
            state="ready" if ready else "rated",
        )  # fmt: skip
        self.do(lambda session: rate(session, usage))

    @rule(choice=st.integers(0, 99))
    def make_ready(self, choice: int) -> None:
        line = self.pick(RatedLine.id, choice, RatedLine.state == "rated")
        if line is not None:
            self.do(lambda session: setattr(session.get(RatedLine, line), "state", "ready"))

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(choice=st.integers(0, 9))
    def cut(self, choice: int) -> None:
        period = self.pick(Period.id, choice)
        self.do(lambda session: periods.close_period(session, str(period), now=self.now))

    @rule(choice=st.integers(0, 99))
    def calculate(self, choice: int) -> None:
        mine = self.pick(
            Batch.id, choice, Batch.state.in_(("closing", "calculated", "returned")), Batch.lines > 0
        )
        if mine is not None:
            self.do(lambda session: periods.calculate_batch(session, str(mine), now=self.now))

    @rule(choice=st.integers(0, 99), who=st.sampled_from(PEOPLE))
    def submit(self, choice: int, who: str) -> None:
        mine = self.pick(Batch.id, choice, Batch.state.in_(("calculated", "returned")), Batch.lines > 0)
        acting = Acting(who, "visited_finance")
        if mine is not None:
            self.do(lambda session: periods.submit_batch(session, str(mine), acting, now=self.now))

    @rule(choice=st.integers(0, 99), fee=st.integers(1, 50_000), is_mended=st.booleans())
    def give_back(self, choice: int, fee: int, is_mended: bool) -> None:
        reviewed = select(Batch.id).where(Batch.state.in_(("under_review", "returned")))
        line = self.pick(RatedLine.id, choice, RatedLine.state == "batched", RatedLine.batch_id.in_(reviewed))
        if line is None:
            return
        with self.database.read() as session:
            held = session.get_one(RatedLine, line)
        acting = Acting("h", "home_finance")
        self.do(
            lambda session: periods.return_line(
                session, held.batch_id or "", held.id, acting, code="other", text="再核", now=self.now
            )
        )
        if is_mended:
            mended = Usage(
                held.usage_id, fee, min(fee, held.voucher_fen), held.usage_version + 1, held.visited, held.home,
                held.programme_id or PROGRAMMES[held.home], held.enterprise_id, held.institution_id, self.now,
            )  # fmt: skip
            self.do(lambda session: rate(session, mended))

    @rule(choice=st.integers(0, 99), who=st.sampled_from(PEOPLE))
    def agree(self, choice: int, who: str) -> None:
        mine = self.pick(Batch.id, choice, Batch.state == "under_review")
        if mine is None:
            return
        with self.database.read() as session:
            sha256 = session.get_one(Batch, mine).sha256 or ""
        acting = Acting(who, "home_finance")
        self.do(lambda session: periods.agree_batch(session, str(mine), acting, sha256=sha256, now=self.now))

    @rule(choice=st.integers(0, 99))
    def reopen(self, choice: int) -> None:
        mine = self.pick(Batch.id, choice, Batch.state == "agreed")
        acting = Acting("b", "home_finance")
        if mine is not None:
            self.do(
                lambda session: periods.reopen_batch(session, str(mine), acting, text="再核", now=self.now)
            )

    @rule(choice=st.integers(0, 99))
    def post(self, choice: int) -> None:
        mine = self.pick(Batch.id, choice, Batch.state == "agreed")
        if mine is not None:
            self.do(lambda session: periods.post_batch(session, str(mine), now=self.now))

    @rule(choice=st.integers(0, 99), is_again=st.booleans())
    def pay(self, choice: int, is_again: bool) -> None:
        wanted = PaymentLine.state == "paid" if is_again else PaymentLine.state != "paid"
        mine = self.pick(PaymentLine.id, choice, wanted)
        if mine is None:
            return
        with self.database.read() as session:
            line = session.get_one(PaymentLine, mine)
        proof = Proof(date(2026, 4, 20), "B-1", line.fen - line.voided_fen)
        acting = Acting("p", "home_finance")
        self.do(lambda session: periods.record_payment(session, str(mine), acting, proof, now=self.now))

    @rule(choice=st.integers(0, 99))
    def bounce(self, choice: int) -> None:
        mine = self.pick(PaymentLine.id, choice)
        acting = Acting("p", "home_finance")
        if mine is not None:
            self.do(
                lambda session: periods.bounce(
                    session, str(mine), acting, reason="other", text="退票", now=self.now
                )
            )

    @rule(choice=st.integers(0, 99))
    def credit(self, choice: int) -> None:
        line = self.pick(RatedLine.id, choice, RatedLine.state == "settled")
        if line is None:
            return

        def act(session) -> None:  # type: ignore[no-untyped-def]
            maker, checker = Acting("v", "visited_finance"), Acting("h", "home_finance")
            number = periods.propose_credit(session, line, maker, reason="other", text="更正", now=self.now)
            periods.issue_credit(session, number, checker, now=self.now)

        self.do(act)

    @rule(choice=st.integers(0, 99))
    def seal(self, choice: int) -> None:
        mine = self.pick(Batch.id, choice, Batch.state == "paid")
        acting = Acting("v", "visited_finance")
        if mine is not None:
            self.do(lambda session: periods.seal_batch(session, str(mine), acting, now=self.now))

    @invariant()
    def what_was_sealed_stays(self) -> None:
        """A closed batch: its list, statement and payments are byte for byte what they were when it was closed."""
        if not hasattr(self, "database"):
            return
        with self.database.read() as session:
            for batch in session.scalars(select(Batch).where(Batch.state == "closed")).all():
                now = _content(session, batch)
                assert self.sealed.setdefault(batch.id, now) == now


def _content(session, batch: Batch) -> object:  # type: ignore[no-untyped-def]
    mine = select(Member.position, Member.sha256).where(
        Member.batch_id == batch.id, Member.revision == batch.revision
    )
    lists = select(PaymentList.document_id).where(PaymentList.batch_id == batch.id)
    papers = select(Document.id, Document.sha256).where(
        Document.id.in_(lists) | (Document.id == batch.statement_id)
    )
    paid = (
        select(PaymentLine.id, PaymentLine.state, PaymentLine.fen, PaymentLine.bank_reference)
        .join(PaymentList, PaymentList.id == PaymentLine.list_id)
        .where(PaymentList.batch_id == batch.id)
    )
    return [batch.sealed_sha256, *(sorted(map(str, session.execute(each))) for each in (mine, papers, paid))]


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=8,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
