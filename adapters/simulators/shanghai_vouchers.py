"""上海's voucher system as it visits the hub: tells its quotas, fetches what is to be paid, reports what it paid.

Written from section 6 of `dialects/shanghai.md` and the hub's published interface. `head` carries the platform's token,
where the client does not do so by itself.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx
import rfc8785

from adapters.simulators.desk.hubs import HubKeys
from adapters.simulators.enrolment import Enrolment
from adapters.simulators.purse import Line, Office
from adapters.simulators.purse.office import BOUNCED, PAID
from adapters.simulators.simulator import Hub

PROVINCE_CODE = "310000"
SCHEMES = {"SHKJQ": "demo-310000-voucher"}
"""Its schemes as the hub names the programmes; told when the platform was enrolled."""


_EVERY = 30.0


class PaperForged(Exception):
    """A paper whose signature is not the hub's, or whose content is not what was signed."""


def quota_rows(office: Office) -> list[dict[str, Any]]:
    """What it answers when it is asked for its figures: every quota, then each scheme's total. What was never read of the
    hub's use is left out.
    """
    quotas, wrong = list(office.purse.allotments.values()), int(office.is_lying())
    rows: list[dict[str, Any]] = []
    for each in quotas:
        row = {
            "quota_id": each.id,
            "scheme": each.programme,
            "quota_cent": each.reserved,
            "held_cent": None if each.held is None else each.held + wrong,
            "captured_cent": each.captured,
            "revision": each.revision,
        }
        wrong = 0
        rows.append({name: value for name, value in row.items() if value is not None})
    for scheme in sorted({each.programme for each in quotas}):
        mine = [each for each in quotas if each.programme == scheme]
        total = {
            "scheme": scheme,
            "quota_cent": sum(each.reserved for each in mine),
            "redeemed_cent": office.paid.get(scheme, 0),
        }
        if all(each.held is not None for each in mine):
            total["held_cent"] = sum(each.held or 0 for each in mine)
            total["captured_cent"] = sum(each.captured or 0 for each in mine)
        rows.append(total)
    return rows


class VoucherSystem:
    """One office's errands at the hub. `sent` is how far its results were reported."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._keys = HubKeys(PROVINCE_CODE)
        self._areas: dict[str, str] = {}
        self.sent = 0

    def tell_quotas(self, client: httpx.Client, head: Mapping[str, str]) -> list[httpx.Response]:
        """Every quota whose latest revision was not answered; only the answer frees what was asked back."""
        answers = []
        for each in self._office.purse.waiting():
            told = {
                "id": each.id,
                "programme_id": SCHEMES[each.programme],
                "holder": each.holder,
                "fen": each.asked,
                "valid_until": each.until,
                "revision": each.revision,
            }
            answer = client.post("/api/v1/allotments", json=told, headers=head)
            if answer.status_code == 200:
                heard: dict[str, Any] = answer.json()
                self._office.purse.answer(each.id, heard["revision"], heard["answer"]["allotted_fen"])
            answers.append(answer)
        return answers

    def read_use(self, client: httpx.Client, head: Mapping[str, str]) -> int:
        """Keep what the hub says is held and used of each quota; how many those were. The redeemed is known here anyway."""
        answer = client.get("/api/v1/allotments", headers=head)
        answer.raise_for_status()
        rows: list[dict[str, Any]] = answer.json()["items"]
        purse = self._office.purse
        return sum(purse.note_use(row["id"], row["held_fen"], row["captured_fen"]) for row in rows)

    def fetch_papers(self, client: httpx.Client, head: Mapping[str, str]) -> int:
        """Take what waits, once each, and say so; how many that were. Raises `PaperForged`."""
        self._keys.learn(client)
        answer = client.get("/api/v1/settlement/papers", headers=head)
        answer.raise_for_status()
        papers: list[dict[str, Any]] = answer.json()["papers"]
        for paper in papers:
            objection = self._keys.objection(paper["signature"], rfc8785.dumps(paper["document"]))
            if objection:
                raise PaperForged(objection)
            if not self._office.under(paper["document_id"]):
                self._take(paper)
            told = {"message_id": paper["message_id"], "sha256": paper["sha256"]}
            client.post("/api/v1/settlement/receipts", json=told, headers=head).raise_for_status()
        return len(papers)

    def report_results(self, client: httpx.Client, head: Mapping[str, str]) -> list[str]:
        """What became of lines since the last report; the hub's verdict on each."""
        verdicts = []
        for each in self._office.results(self.sent):
            told = {
                "id": f"SH-{each.position}",
                "payer_area": self._areas.get(each.reference, PROVINCE_CODE),
                "line": each.line,
                "outcome": "paid" if each.state == PAID else "bounced",
                "amount_fen": each.fen,
                "on": each.paid_on,
            }
            if each.state == PAID:
                told["bank_reference"] = each.proof
            elif each.state == BOUNCED:
                told["reason"] = each.reason
            answer = client.post("/api/v1/settlement/redemptions", json=told, headers=head)
            answer.raise_for_status()
            verdicts.append(str(answer.json()["verdict"]))
            self.sent = each.position
        return verdicts

    def _take(self, paper: Mapping[str, Any]) -> None:
        document = paper["document"]
        rows = document.get("lines", []) if paper["kind"] == "payment-list" else []
        lines = [Line(row["id"], row["amount_fen"], row.get("payee_name", "")) for row in rows]
        total = document["total_fen"] if paper["kind"] == "payment-list" else 0
        scheme = {ours: native for native, ours in SCHEMES.items()}.get(document.get("programme_id", ""), "")
        self._office.take(paper["document_id"], paper["sha256"], total, lines, scheme)
        self._areas[paper["document_id"]] = document.get("payer_area", PROVINCE_CODE)


class Errands:
    """The system's visits by itself: quotas are told, their use is read, papers are fetched and results reported, every half
    minute at the most.

    The system cannot sign, so it has enrolled with a secret, the hub's declared fallback.
    """

    def __init__(self, office: Office, enrolment: Enrolment) -> None:
        self._system, self._enrolment = VoucherSystem(office), enrolment
        self._visited = 0.0

    def attend(self, hub: Hub) -> None:
        """See `Attendant.attend`. A hub that has not invited the system is left alone."""
        if not self._enrolment.is_invited(hub):
            return
        if self._visited and time.monotonic() - self._visited < _EVERY:
            return
        self._visited = time.monotonic()
        with httpx.Client(
            base_url=hub.url, auth=self._enrolment.at(hub), timeout=20, trust_env=False, verify=False
        ) as client:
            self._system.tell_quotas(client, {})
            self._system.read_use(client, {})
            self._system.fetch_papers(client, {})
            self._system.report_results(client, {})
