"""Whether an instrument can be booked from outside, and why: a pure reading of its public document.

*External sharing* is the owner's own statement in the national form; an unknown statement, or a
purpose that customs restrict, is answered with "perhaps". The owner's answer stands above all of it. "Yes" is said exactly when the
API says that nothing stands against booking from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from station_portal import wording
from station_portal.i18n import Language

Answer = Literal["yes", "maybe", "no"]

OUT_OF_ORDER = frozenset({"awaiting_repair", "awaiting_scrap"})


@dataclass(frozen=True, slots=True)
class Reason:
    kind: Answer
    text: str


@dataclass(frozen=True, slots=True)
class Booking:
    """The answer, its heading, its reasons in order of weight, and where to book."""

    answer: Answer
    title: str
    reasons: tuple[Reason, ...]
    link: str | None


def judge(document: Mapping[str, Any], *, link: str | None, today: date, language: Language) -> Booking:
    """The verdict on one instrument. The first reason of a kind decides: no before maybe before yes."""
    reasons = [
        *_sharing(document.get("sharing_mode"), language),
        *_state(document.get("running_state"), language),
        *_customs(document.get("customs") or {}, today, language),
        *_modes(document.get("service_modes"), language),
    ]
    kinds = {reason.kind for reason in reasons}
    answer: Answer = "no" if "no" in kinds else "maybe" if "maybe" in kinds else "yes"
    titles = {
        "yes": language("可对外预约"),
        "maybe": language("或可对外预约"),
        "no": language("不能对外预约"),
    }
    rank = {answer: 0, "no": 1, "maybe": 2, "yes": 3}
    ordered = sorted(reasons, key=lambda reason: rank[reason.kind])
    return Booking(answer, titles[answer], tuple(ordered), link if answer != "no" else None)


def _sharing(mode: str | None, language: Language) -> list[Reason]:
    if mode == "external":
        return [Reason("yes", language("管理单位申报为“外部共享”"))]
    if mode == "internal":
        return [Reason("no", language("管理单位申报为“内部共享”，只供本单位使用"))]
    if mode == "none":
        return [Reason("no", language("管理单位申报为“不共享”"))]
    return [Reason("maybe", language("来源平台与资源调查都没有说明共享模式，请向管理单位询问"))]


def _state(state: str | None, language: Language) -> list[Reason]:
    if state is None:
        return []
    text = language("运行状态：%(state)s", state=wording.name("running_state", state, language))
    return [Reason("no" if state in OUT_OF_ORDER else "yes", text)]


def _customs(customs: Mapping[str, Any], today: date, language: Language) -> list[Reason]:
    until = customs.get("until")
    if not customs.get("supervised") or (until and date.fromisoformat(until) < today):
        return []
    text = language("减免税进口，海关监管期内")
    if until:
        text = language("减免税进口，海关监管至 %(date)s", date=until)
    allowed = customs.get("permitted_purposes") or []
    if "approved_external_service" in allowed:
        return [Reason("yes", text + language("；海关已批准对外开放服务"))]
    purposes = wording.names("customs_purpose", allowed, language)
    if purposes:
        return [
            Reason(
                "maybe", text + language("；批准用途：%(purposes)s", purposes=language("、").join(purposes))
            )
        ]
    return [Reason("maybe", text + language("；对外服务前须经海关同意"))]


def _modes(modes: object, language: Language) -> list[Reason]:
    words = wording.names("service_mode", modes, language)
    return [Reason("yes", language("服务方式：%(modes)s", modes=language("、").join(words)))] if words else []
