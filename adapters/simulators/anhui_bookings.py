"""安徽: the platform fetches its bookings from the hub and brings the answers back. Written from `dialects/anhui.md`."""

from __future__ import annotations

from typing import Any

import httpx
import rfc8785

from adapters.simulators.desk import Declined, Delivery, Desk, Order, Period, Step, Wanted, model, note
from adapters.simulators.desk.hubs import HubKeys
from adapters.simulators.desk.speaking import Owners, plain, plain_period, told_report
from adapters.simulators.enrolment import Enrolment
from adapters.simulators.simulator import Hub

CODE = "340000"
LIMIT = 100
_PROOFS = {model.RUN_LOG: "RZ", model.SENSOR_LOG: "CG", model.SIGNED_SHEET: "QZ", model.PHOTO: "ZP"}
_MODES = {"SJ": model.MACHINE, "WT": model.TEST, "ZX": model.ADVICE}
STEPS = {
    "ZQR": model.ACCEPTED,
    "ZJJ": model.REJECTED,
    "ZGQ": model.OFFERED,
    "ZTY": model.CONSENTED,
    "ZBTY": model.OBJECTED,
    "ZYP": model.SAMPLES,
    "ZKS": model.IN_SERVICE,
    "ZSY": model.NO_SHOW,
    "ZWC": model.DONE,
    "ZBG": model.REPORTED,
}
ANSWERS = {
    model.CREATED: "YS",
    model.ACCEPTED: "TG",
    model.REJECTED: "JJ",
    model.AGREED: "TY",
    model.DECLINED: "BTY",
    model.RETURNED: "YS",
    model.CANCELLED: "QX",
    model.SAMPLES: "YP",
    model.IN_SERVICE: "KS",
    model.NO_SHOW: "SY",
    model.DONE: "WC",
    model.REPORTED: "BG",
    f"{model.FAILED} QX": "BQX",
    f"{model.FAILED} GQ": "BTY",
    f"{model.FAILED} TY": "BTY",
    f"{model.FAILED} BTY": "BTY",
    f"{model.FAILED} Z": "BJL",
}
REASONS = {
    model.OCCUPIED: "01",
    model.CLOSED: "02",
    model.OUTSIDE: "03",
    model.BROKEN: "04",
    model.UNFIT: "05",
    model.NO_OPERATOR: "06",
    model.INCOMPLETE: "07",
    model.NOT_SHARED: "08",
    model.UNKNOWN: "09",
    model.PAST: "10",
    model.BEGUN: "11",
    model.NO_PROPOSAL: "12",
}


class Courier:
    """One round: fetch what is new, do it once, bring back what happened."""

    def __init__(self, desk: Desk, enrolment: Enrolment) -> None:
        self._desk, self._enrolment = desk, enrolment
        self._owners = Owners(desk.world)
        self.hub_keys = HubKeys(CODE)

    def attend(self, hub: Hub) -> None:
        """See `Attendant.attend`. Raises `httpx.HTTPError` when the hub does not answer or refuses."""
        with httpx.Client(
            base_url=hub.url, auth=self._enrolment.at(hub), timeout=20, trust_env=False, verify=False
        ) as client:
            self.hub_keys.learn(client)
            while self.fetch(client):
                pass
            self.bring(client)

    def fetch(self, client: httpx.Client) -> bool:
        """A page of messages, each done once; whether there may be more."""
        after = self._desk.memory.get("next")
        answer = client.get(
            f"/api/v1/provinces/{CODE}/bookings/messages",
            params={"limit": LIMIT, **({} if after is None else {"after": after})},
        )
        answer.raise_for_status()
        page = answer.json()
        for message in page["messages"]:
            if not self._is_hubs(message):
                continue
            if f"done|{message['message_id']}" not in self._desk.memory:
                self._do(message["body"])
                self._desk.remember(f"done|{message['message_id']}", True)
        self._desk.remember("next", page["next"])
        return len(page["messages"]) == LIMIT

    def _is_hubs(self, message: dict[str, Any]) -> bool:
        """Whether the envelope's signature holds; what is not the hub's is left lying."""
        whole = {name: value for name, value in message.items() if name != "signature"}
        return not self.hub_keys.objection(message.get("signature", ""), rfc8785.dumps(whole))

    def bring(self, client: httpx.Client) -> None:
        """Answers the hub has not taken yet, oldest first; stops at the first that is not taken."""
        for delivery in self._desk.deliveries(self._desk.memory.get("told", 0)):
            client.post(
                f"/api/v1/provinces/{CODE}/bookings/answers", json=self.answer(delivery)
            ).raise_for_status()
            self._desk.remember("told", delivery.position)

    def _do(self, body: dict[str, Any]) -> None:
        kind, reference = body["lx"], body["yydh"]
        if kind == "XD":
            self._place(reference, body)
            return
        under = self._desk.under(reference)
        live = [order for order in under if order.is_live] or under
        if not live:
            return
        number = live[0].number
        try:
            if kind == "QX":
                self._desk.cancel(number, str(body.get("yy", "")), str(body.get("sm", "")))
            elif kind == "GQ":
                self._propose(number, body)
            elif kind in STEPS:
                words = (str(body.get(name, "")) for name in ("yy", "sm"))
                report = told_report(body.get("bg") or {}, "bh", "mc", "zy")
                step = Step(STEPS[kind], *words, _period(body), body.get("xs"), report=report)
                note(self._desk, number, step)
            else:
                change = str(body.get("gqbh", ""))
                self._desk.decide(number, change, model.BY_CLIENT, agrees=kind == "TY")
        except Declined as declined:
            self._desk.note_failure(number, "Z" if kind in STEPS else kind, declined)

    def _place(self, reference: str, body: dict[str, Any]) -> None:
        owner = body.get("yq") or {}
        wanted = Wanted(
            reference,
            self._owners.key(owner.get("dwbs"), owner.get("yqbm")),
            _MODES.get(body.get("fs", ""), model.MACHINE),
            _period(body),
            body,
        )
        try:
            self._desk.place(wanted)
        except Declined as declined:
            self._desk.enter_refused(wanted, declined)

    def _propose(self, number: str, body: dict[str, Any]) -> None:
        period = _period(body)
        if period is None:
            raise Declined(model.NO_PROPOSAL, "没有给新时间")
        self._desk.propose(number, period, words=str(body.get("sm", "")))

    def answer(self, delivery: Delivery) -> dict[str, Any]:
        """One thing that happened, in the platform's words."""
        order = delivery.order
        told: dict[str, Any] = {
            "xxid": delivery.message,
            "xh": order.version,
            "yydh": delivery.reference,
            "ptdh": order.number,
            "hf": self._kind(delivery.what, order),
            "sj": plain(delivery.at),
            "yy": REASONS.get(order.reason, order.reason),
            "sm": order.words,
        }
        period = order.period
        if order.proposal is not None and not order.proposal.outcome:
            period = order.proposal.period
            told |= {"gqbh": order.proposal.number, "gqqx": plain(order.proposal.until)}
        if period is not None:
            told |= {"ks": plain(period.start), "js": plain(period.end)}
        if order.usage is not None:
            used = order.usage
            told["sy"] = {
                "bh": used.number, "ks": plain(used.start), "js": plain(used.end), "xs": used.hours, "fy": used.fee_fen / 100,
                "pz": [{"lx": _PROOFS[each.kind], "mc": each.name, "zy": each.sha256} for each in used.proofs],
            }  # fmt: skip
        if order.report is not None:
            file = order.report
            told["bg"] = {"bh": file.number, "mc": file.name, "dx": file.size, "zy": file.sha256}
        return {name: value for name, value in told.items() if value != ""}

    @staticmethod
    def _kind(what: str, order: Order) -> str:
        """A proposal of the platform's own is `GQ`; one of the hub's it has merely received."""
        if what == model.PROPOSED:
            return "GQ" if order.proposal and order.proposal.by == model.BY_PLATFORM else "YS"
        return ANSWERS[what]


def _period(body: dict[str, Any]) -> Period | None:
    return plain_period(body, "ks", "js")
