"""无感直兑: whether an order can be redeemed without papers. A list of rules, each with a verdict of its own. Pure.

Every rule reads states as their owners keep them (a usage, a payment, an invoice, what bookings told), never a flag that
somebody set to say that all is well. Source: 浙江 (绍兴) 无感直兑: booking, use, payment and rating all happened on the
platform, with complete online records.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import schemas
from hub.settlement.money import yuan
from hub.settlement.rules.orders import Order
from hub.settlement.rules.programmes import Programme

Verdict = Literal["met", "not_met", "not_asked"]
Outcome = Literal["seamless", "papers", "own", "waiting"]

ONLINE_CHANNELS = frozenset({"portal", "platform"})
"""Ways in which an order is booked online; `counter` was entered by staff."""

MADE_BY_SYSTEMS = frozenset({"platform", "sensor"})
"""Sources of a usage that record by themselves; what people write down needs evidence with it."""

_SIDES = {"enterprise": ("委托方", "the enterprise"), "provider": ("受托方", "the provider")}

CONFIRMED = frozenset({"confirmed", "rated", "locked", "settled", "waived"})
"""States of a usage that the enterprise has nothing more to say about."""


@dataclass(frozen=True, slots=True)
class Said:
    """What settlement was told of a thing: its state in the words of its owner, and what it can be looked up by."""

    state: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Used:
    """A live usage of the order. `state` is of the machine `usage`."""

    id: str
    state: str
    source: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rated:
    """The live rated lines of an order together, in fen."""

    fee_fen: int
    voucher_fen: int
    own_fen: int


@dataclass(frozen=True, slots=True)
class Paid:
    """How the own share stands, in fen: what came less what went back, what is outstanding, and by which channels."""

    reference: str
    state: str
    net_fen: int
    outstanding_fen: int
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Invoiced:
    """A valid invoice."""

    number: str
    gross_fen: int


@dataclass(frozen=True, slots=True)
class Formed:
    """The order's present order form, and the sides that agreed to its bytes."""

    id: str
    sides: frozenset[str]


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that is known of an order when it is examined.

    `order` is None for one that was entered at the counter, without any voucher. `programme` is the version by which the voucher was held, None without a voucher. `relation` is what the register
    knows today (a code of `relation_kind`). `papers` are the kinds that were agreed to.
    """

    order: Order | None
    programme: Programme | None = None
    relation: str | None = None
    said: Mapping[str, Said] = field(default_factory=dict)
    used: tuple[Used, ...] = ()
    rated: Rated | None = None
    paid: Paid | None = None
    invoices: tuple[Invoiced, ...] = ()
    form: Formed | None = None
    papers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's verdict in words, and the evidence it was read from (identifiers, hashes)."""

    rule: str
    verdict: Verdict
    zh: str
    en: str
    evidence: str = ""


Told = tuple[Verdict, str, str, str]


def examine(record: Record) -> tuple[Finding, ...]:
    """Every rule's verdict, in the order in which they are shown. The same record always gives the same findings."""
    return tuple(Finding(name, *decide(record)) for name, decide in RULES.items())


def outcome(record: Record, findings: tuple[Finding, ...]) -> Outcome:
    """What follows from the findings: redeemable without papers, with papers that were agreed to, or not yet.

    An order without a voucher's share only waits for its usage and its own share.
    """
    open_ = {each.rule for each in findings if each.verdict == "not_met"}
    if record.rated is None:
        return "waiting"
    if record.rated.voucher_fen == 0:
        return "waiting" if open_ & _WITHOUT_VOUCHER else "own"
    if not open_:
        return "seamless"
    if open_ & _NEEDED or missing_papers(record):
        return "waiting"
    return "papers"


def wanted_papers(programme: Programme | None) -> tuple[str, ...]:
    """The papers that the programme asks for where an order is not redeemable without (codes of `settlement_document`)."""
    return () if programme is None else tuple(programme.terms.get("documents", ()))


def missing_papers(record: Record) -> tuple[str, ...]:
    """The papers that were not agreed to yet."""
    return tuple(kind for kind in wanted_papers(record.programme) if kind not in record.papers)


def _booked_online(record: Record) -> Told:
    said = record.said.get("booked")
    if said is None:
        return "not_met", "没有网上预约的记录", "no booking on the platform is known", ""
    if said.state in ONLINE_CHANNELS:
        return "met", "在平台上预约", "it was booked on the platform", said.evidence
    return "not_met", "由柜台代录，不是网上预约", "it was entered at the counter", said.evidence


def _form_agreed(record: Record) -> Told:
    form = record.form
    if form is None:
        return "not_met", "没有委托单", "there is no order form", ""
    lacking = [side for side in _SIDES if side not in form.sides]
    if not lacking:
        return "met", "双方已确认现行委托单", "both sides agreed to the present order form", form.id
    zh = "、".join(_SIDES[side][0] for side in lacking)
    en = " and ".join(_SIDES[side][1] for side in lacking)
    return "not_met", f"{zh}尚未确认现行委托单", f"{en} has not agreed to the present order form", form.id


def _not_related(record: Record) -> Told:
    order, programme = record.order, record.programme
    if order is None or programme is None or "related_party" not in programme.terms["exclusions"]:
        return "not_asked", "政策不问是否关联单位", "the programme does not ask who is related", ""
    kinds = schemas.codes("relation_kind")
    relation = record.relation or (order.relation if order.is_related else None)
    if relation is not None or order.is_related:
        kind = kinds[relation or "affiliation"]
        return (
            "not_met",
            f"双方是关联单位：{kind.zh}",
            f"the sides are related: {kind.en.lower()}",
            relation or "",
        )
    if order.is_related is None:
        return "not_met", "尚未声明是否关联单位", "nobody has declared whether the sides are related", ""
    return (
        "met",
        "已声明不是关联单位，登记信息无相反记录",
        "declared as not related; no tie is registered",
        "",
    )


def _not_excluded(record: Record) -> Told:
    order, programme = record.order, record.programme
    if order is None or programme is None:
        return "not_asked", "没有使用创新券", "no voucher was used", ""
    held = set(order.declared) | ({"statutory"} if order.is_statutory else set())
    met = [code for code in programme.terms["exclusions"] if code in held]
    if not met:
        return "met", "不属于政策的除外情形", "nothing that the programme excludes", ""
    listed = schemas.codes("programme_exclusion")
    return (
        "not_met",
        "属于除外情形：" + "、".join(listed[code].zh for code in met),
        "excluded: " + ", ".join(listed[code].en for code in met),
        ",".join(met),
    )


def _used_online(record: Record) -> Told:
    if not record.used:
        return "not_met", "没有使用记录", "there is no usage record", ""
    names = schemas.codes("usage_source")
    named = ",".join(each.id for each in record.used)
    bare = [each for each in record.used if each.source not in MADE_BY_SYSTEMS and not each.evidence]
    if bare:
        zh, en = names[bare[0].source].zh, names[bare[0].source].en
        return (
            "not_met",
            f"使用记录由{zh}填写，没有附证据",
            f"recorded by people ({en}) without evidence",
            bare[0].id,
        )
    zh = "、".join(dict.fromkeys(names[each.source].zh for each in record.used))
    en = ", ".join(dict.fromkeys(names[each.source].en for each in record.used))
    return "met", f"使用记录由{zh}在线形成", f"recorded online: {en}", named


def _usage_confirmed(record: Record) -> Told:
    if record.rated is None:
        return "not_met", "使用记录尚未确认计价", "the usage is not confirmed and priced yet", ""
    open_ = [each for each in record.used if each.state not in CONFIRMED]
    if open_:
        ids = ",".join(each.id for each in open_)
        return (
            "not_met",
            f"有 {len(open_)} 条使用记录尚未确认",
            f"{len(open_)} usage records are not confirmed",
            ids,
        )
    fee = yuan(record.rated.fee_fen)
    return "met", f"使用记录已确认，费用 {fee} 元", f"confirmed; the fee is {fee} CNY", ""


def _no_dispute(record: Record) -> Told:
    said = record.said.get("dispute")
    if said is not None and said.state == "open":
        return "not_met", "预约有未决争议", "the booking is disputed", said.evidence
    met = [each.id for each in record.used if each.state == "disputed"]
    if met:
        return "not_met", "使用记录有未决争议", "a usage record is disputed", ",".join(met)
    return "met", "没有未决争议", "nothing is disputed", ""


def _own_paid(record: Record) -> Told:
    rated, paid = record.rated, record.paid
    if rated is not None and rated.own_fen == 0:
        return "met", "没有自付部分", "there is no own share", ""
    if paid is None:
        return "not_met", "没有自付部分的付款记录", "no payment of the own share is known", ""
    short = max(paid.outstanding_fen, (0 if rated is None else rated.own_fen) - paid.net_fen)
    if short > 0:
        left = yuan(short)
        return (
            "not_met",
            f"自付部分尚欠 {left} 元",
            f"{left} CNY of the own share are outstanding",
            paid.reference,
        )
    return "met", "自付部分已付清", "the own share is paid", paid.reference


def _paid_online(record: Record) -> Told:
    rated, paid = record.rated, record.paid
    if rated is not None and rated.own_fen == 0:
        return "not_asked", "没有自付部分", "there is no own share", ""
    if paid is None or not paid.channels or "counter" in paid.channels:
        return "not_met", "自付部分不是通过平台支付", "the own share was not paid through the platform", ""
    return "met", "自付部分通过平台支付", "the own share was paid through the platform", paid.reference


def _report_delivered(record: Record) -> Told:
    said = record.said.get("report")
    if said is None or said.state == "not_due":
        return "not_asked", "本次服务不出具报告", "no report was due", ""
    if said.state == "delivered":
        return "met", "报告已交付", "the report was delivered", said.evidence
    return "not_met", "报告尚未交付", "the report is not delivered yet", said.evidence


def _completed(record: Record) -> Told:
    said = record.said.get("completed")
    if said is None:
        return "not_met", "服务尚未确认完成", "the service is not confirmed as completed", ""
    return "met", "服务已确认完成", "the service is completed", said.evidence


def _rated_by_user(record: Record) -> Told:
    said = record.said.get("rating")
    if said is None:
        return "not_met", "使用单位尚未评价", "the user has not rated the service", ""
    return "met", f"使用单位已评价（{said.state} 星）", f"the user gave {said.state} stars", said.evidence


def _invoice_matches(record: Record) -> Told:
    if record.rated is None:
        return "not_met", "费用未定，发票无从核对", "the fee is not known yet", ""
    is_full = record.programme is not None and record.programme.terms.get("invoice_amount") == "full_fee"
    wanted = record.rated.fee_fen if is_full else record.rated.own_fen
    if wanted == 0:
        return "not_asked", "没有应开票的金额", "there is nothing to be invoiced", ""
    told = sum(each.gross_fen for each in record.invoices)
    named = ",".join(each.number for each in record.invoices)
    if not record.invoices:
        return (
            "not_met",
            f"尚未登记发票，应为 {yuan(wanted)} 元",
            f"no invoice over {yuan(wanted)} CNY is known",
            "",
        )
    if told != wanted:
        return (
            "not_met",
            f"发票合计 {yuan(told)} 元，应为 {yuan(wanted)} 元",
            f"the invoices come to {yuan(told)} CNY, not {yuan(wanted)} CNY",
            named,
        )
    return "met", f"发票金额相符，{yuan(wanted)} 元", f"the invoices come to {yuan(wanted)} CNY", named


RULES: Mapping[str, Callable[[Record], Told]] = {
    "booked_online": _booked_online,
    "form_agreed": _form_agreed,
    "not_related": _not_related,
    "not_excluded": _not_excluded,
    "completed": _completed,
    "used_online": _used_online,
    "usage_confirmed": _usage_confirmed,
    "no_dispute": _no_dispute,
    "own_paid": _own_paid,
    "paid_online": _paid_online,
    "report_delivered": _report_delivered,
    "rated": _rated_by_user,
    "invoice_matches": _invoice_matches,
}
"""The rules by name, in the order in which they are shown."""

_NEEDED = frozenset({"not_related", "not_excluded", "completed", "usage_confirmed", "no_dispute", "own_paid"})
"""What no paper can stand in for."""

_WITHOUT_VOUCHER = frozenset({"usage_confirmed", "no_dispute", "own_paid"})
"""What an order without a voucher's share waits for."""
