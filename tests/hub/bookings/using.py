"""Orders that were served, and everybody who has a word on what they used: both sides, both provinces, an arbiter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update

import schemas
from hub.availability.models import TariffRow
from hub.bookings.service import usage_evidence, usage_pushing, usages
from hub.bookings.service.usage_evidence import Proof
from hub.core.db import Database
from hub.identity.models import Party
from hub.identity.rules import Principal
from hub.identity.service import enterprises
from hub.notices.models import Contact
from hub.settlement.models import RatedLine
from hub.settlement.queries import usage as queries
from hub.settlement.queries.wallets import wallets
from hub.settlement.wire.usage import evidence_entry
from tests.hub.bookings import people
from tests.hub.bookings.test_portal_told import give
from tests.hub.bookings.world import PARTY, World

GUIZHOU, ZHEJIANG = "520000", "330000"
BY_USE = {"positions": [{"id": "hour", "basis": "used_time", "name_zh": "机时费", "outside_fen": 40000}]}
ENTERPRISE = Principal("account", "account:li", "李", "enterprise_member", None, "p-li", PARTY.id)
STRANGER = Principal("account", "account:wu", "吴", "enterprise_member", None, "p-wu", "en-other")
PROVIDER = Principal("account", "account:station", "驿站", "station_staff", GUIZHOU, "p-st", "op-52")
ADMIN = Principal("account", "account:admin", "admin", "hub_admin", None, "p-ad")
PLATFORM = Principal("platform", "platform:gz", "平台", "platform", GUIZHOU, scopes=("usage",))


@dataclass
class Used:
    """The world with one enterprise that has a voucher of 1,000.00 and is reached by inbox and mail."""

    world: World
    database: Database
    offices: dict[str, Principal] = field(default_factory=dict)
    count: int = 0

    @classmethod
    def build(cls, world: World, *, has_mail: bool = True, fen: int = 100_000) -> "Used":
        now = world.clock()
        with world.database.write() as session:
            session.execute(update(TariffRow).values(document=BY_USE))
            session.add(
                Party(
                    id=PARTY.id,
                    kind="enterprise",
                    name=PARTY.name,
                    credit_code=PARTY.credit_code,
                    created_at=now,
                )
            )
            session.flush()
            home = enterprises.Verified(PARTY.area, "某路 1 号", "register_document", "system:test")
            enterprises.set_home(session, PARTY.id, home, now=now)
            if has_mail:
                session.add(
                    Contact(recipient="account:li", channel="mail", address="li@example.org", changed_at=now)
                )
        world.put_voucher(fen)
        return cls(world, world.database)

    def office(self, name: str, province: str) -> Principal:
        """A member of a province's staff, new when first named."""
        if name not in self.offices:
            with self.database.write() as session:
                made = people.put_person(
                    session, name, "province_staff", self.world.clock(), province=province
                )
            self.offices[name] = made.principal
        return self.offices[name]

    def served(self, usage: dict[str, Any] | None = None, *, day: int = 7) -> str:
        """Two hours booked in Guizhou at 400.00 an hour and checked out; the booking's identifier."""
        booking = self.world.submit(GUIZHOU, self.world.slot(day=day))
        give(self.world, booking, "accept")
        give(self.world, booking, "check_in")
        give(self.world, booking, "check_out", usage=usage or {"hours": 2.0})
        return booking

    def in_service(self, *, day: int = 7) -> str:
        """The same before it is checked out."""
        booking = self.world.submit(GUIZHOU, self.world.slot(day=day))
        give(self.world, booking, "accept")
        give(self.world, booking, "check_in")
        return booking

    def usage(self, booking: str, kind: str = "service") -> dict[str, Any]:
        """The order's usage as its enterprise reads it; a valid document."""
        with self.database.read() as session:
            row = queries.find_of_order(session, booking, kind)
            assert row is not None
            told = usages.document(session, ENTERPRISE, row, now=self.world.clock())
        assert schemas.problems("usage", told) == []
        return told

    def command(self, booking: str, command: str, who: Principal = ENTERPRISE, **body: Any) -> usages.Done:
        """A command as people give it, with a key of its own and the revision that stands."""
        self.count += 1
        held = self.usage(booking)
        key = body.pop("key", f"key-of-this-test-{self.count:04}")
        revision = body.pop("revision", held["revision"])
        with self.database.write() as session:
            return usages.carry_out(
                session,
                who,
                held["id"],
                command,
                {"command": command, **body},
                key=key,
                revision=revision,
                now=self.world.clock(),
            )

    def push(self, booking: str, external_id: str, who: Principal = PLATFORM, **body: Any) -> usages.Done:
        """What a platform tells."""
        told = {"source": "platform", "external_id": external_id, "reference": booking, **body}
        assert schemas.problems("usage-push", told) == []
        with self.database.write() as session:
            return usage_pushing.push(session, who, told, now=self.world.clock())

    def hand_in(
        self, booking: str, who: Principal, content: bytes, *, kind: str = "photo", name: str = ""
    ) -> dict[str, Any]:
        """A file that is handed in, as the `evidence` of a command."""
        now, usage_id = self.world.clock(), self.usage(booking)["id"]
        kept = usage_evidence.keep_files(self.world.runtime, who, usage_id, [Proof("照片.png", content)])
        with self.database.write() as session:
            rows = usage_evidence.add_files(session, who, usage_id, kept, kind=kind, name=name, now=now)
            (told,) = [evidence_entry(row) for row in rows]
        return told

    def decide(self, booking: str, who: Principal, outcome: str, **body: Any) -> usages.Done:
        """One side's decision."""
        return self.command(
            booking, "decide", who, **{"outcome": outcome, "reason": "evidence_supports", **body}
        )

    def run_clock(self, days: float) -> None:
        """Time goes on; the hub does what is due."""
        self.world.clock.advance(days * 86400)
        usages.run_due(self.database, now=self.world.clock())

    def lines(self, booking: str) -> list[RatedLine]:
        """Every line of the order, in order; the documents of all are valid."""
        with self.database.read() as session:
            mine = select(RatedLine).where(RatedLine.reference == booking).order_by(RatedLine.id)
            found = list(session.scalars(mine))
        for line in found:
            assert schemas.problems("rated-line", line.document) == []
        return found

    def shares(self, booking: str) -> list[tuple[str, int, int, int]]:
        """State, fee, voucher and own share of each line."""
        return [(one.state, one.fee_fen, one.voucher_fen, one.own_fen) for one in self.lines(booking)]

    def wallet(self) -> tuple[int, int, int]:
        """Left, held and used."""
        with self.database.read() as session:
            (each,) = wallets(session, PARTY.id)
        return each.left_fen, each.held_fen, each.used_fen

    def shown(self, booking: str) -> Mapping[str, Any]:
        """The booking's own document."""
        return self.world.booking(booking).document
