"""The form of an instrument's tariff ⇄ the tariff-terms document, and what typical bookings would cost under it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import schemas
from hub.availability import service as availability
from hub.core.errors import HubError
from hub.settlement.errors import NothingChosen
from hub.settlement.money import vat_document
from station_portal import wording
from station_portal.i18n import Language
from station_portal.keeping.fields import (
    Wrong,
    against,
    fen_of,
    percent_of,
    permille_of,
    text_of,
    whole,
    yuan_of,
)
from station_portal.keeping.rules_form import MODES

MOST_POSITIONS = 200
SPARE = 2
"""Empty positions that the form offers behind the kept ones."""

TIMES = frozenset({"reserved_time", "used_time", "test_time"})
LINES = ("name_zh", "name_en", "condition_zh", "condition_en")
MINUTES = ("step_minutes", "extra_minutes")
COUNTS = ("service_item", "turnaround_days")
PRICES = {"outside_fen": "outside", "inside_fen": "inside"}
PRICED_MODES = ("machine_time", "entrusted_test")


def typed_of(document: Mapping[str, Any] | None) -> dict[str, str]:
    """A tariff-terms document as the form shows it, with spare positions behind."""
    terms: Mapping[str, Any] = document or {"positions": []}
    typed: dict[str, str] = {"positions": str(len(terms["positions"]) + SPARE)}
    for number, position in enumerate(terms["positions"]):
        typed |= {f"p{number}-{name}": told for name, told in _typed_position(position).items()}
    minimum = terms.get("minimum_fee", {})
    typed |= {f"minimum-{side}": yuan_of(minimum.get(name)) for name, side in PRICES.items()}
    typed["note"] = terms.get("note", "")
    typed["vat_permille"] = percent_of(terms.get("vat_permille"))
    typed["payment_due"] = terms.get("payment_due", "after_report")
    return typed


def rows_of(form: Mapping[str, str]) -> int:
    """How many positions the form has."""
    told = whole(form.get("positions", ""))
    return min(told, MOST_POSITIONS) if isinstance(told, int) else SPARE


def document_of(form: Mapping[str, str], language: Language) -> tuple[dict[str, Any], Wrong]:
    """The document that the form makes, and everything that is wrong with it, each beside its field.

    Positions without a name and a price are left out, and so are those that are ticked for removal. A position
    without a name of its own for machines gets one: `p` and its place.
    """
    wrong: Wrong = []
    positions, places = [], []
    taken = {form.get(f"p{number}-id", "").strip() for number in range(rows_of(form))}
    for number in range(rows_of(form)):
        if form.get(f"p{number}-remove") == "yes" or _is_empty(form, number):
            continue
        places.append(number)
        positions.append(_position(form, number, taken, wrong, language))
    if not positions:
        wrong.append(("p0-name_zh", language("请至少填写一个收费项")))
    document: dict[str, Any] = {"positions": positions}
    minimum = _prices(form, "minimum", wrong, language)
    if minimum:
        document["minimum_fee"] = minimum
    payment_due = form.get("payment_due", "").strip()
    if payment_due not in {"", "after_report"}:
        document["payment_due"] = payment_due
    if form.get("vat_permille", "").strip():
        permille = permille_of(form["vat_permille"])
        if permille is None:
            wrong.append(("vat_permille", language("请填写百分数，最多一位小数，例如 6 或 0；不清楚就留空")))
        else:
            document["vat_permille"] = permille
    if form.get("note", "").strip():
        document["note"] = form["note"].strip()
    if not wrong:
        wrong = against("tariff-terms", document, lambda pointer: field_of(pointer, places), language)
    return document, wrong


def field_of(pointer: str, places: list[int]) -> str:
    """The field of a pointer; `places` are the form's numbers of the document's positions."""
    parts = pointer.strip("/").split("/")
    if parts[0] == "minimum_fee":
        return f"minimum-{PRICES.get(parts[1], 'outside') if len(parts) > 1 else 'outside'}"
    if parts[0] != "positions" or len(parts) < 2 or int(parts[1]) >= len(places):
        return parts[0] if parts[0] in {"note", "payment_due", "vat_permille"} else "p0-name_zh"
    number = places[int(parts[1])]
    name = parts[2] if len(parts) > 2 else "outside"
    return f"p{number}-{PRICES.get(name, name)}"


def places_of(form: Mapping[str, str]) -> list[int]:
    """The form's numbers of the positions that become part of the document."""
    return [
        number
        for number in range(rows_of(form))
        if form.get(f"p{number}-remove") != "yes" and not _is_empty(form, number)
    ]


def examples(
    terms: Mapping[str, Any],
    instrument_id: str,
    minutes: int,
    samples: int,
    *,
    now: datetime,
    language: Language,
) -> list[dict[str, Any]]:
    """What a booking of this length with so many samples would cost, by service mode and side, line by line."""
    told = []
    for mode in PRICED_MODES:
        for is_inside in (False, True):
            request = _request(instrument_id, mode, minutes, samples, now)
            row: dict[str, Any] = {
                "mode": wording.name("service_mode", mode, language),
                "side": language("对内") if is_inside else language("对外"),
                "fee_fen": None,
                "lines": [],
                "words": "",
            }
            try:
                rated = _rated(terms, request, is_inside=is_inside)
            except HubError as refused:
                row["words"] = language.pick(refused.zh, refused.en)
            else:
                if rated is None:
                    row["words"] = language("没有适用的收费项，费用面议")
                else:
                    row |= {
                        "fee_fen": rated.fee_fen,
                        "vat": vat_document(rated.fee_fen, terms.get("vat_permille")),
                        "lines": [
                            (language.pick(line.name_zh, line.name_en), language.pick(line.zh, line.en))
                            for line in rated.lines
                        ],
                    }
            told.append(row)
    return told


def _rated(terms: Mapping[str, Any], request: dict[str, Any], *, is_inside: bool) -> Any:
    try:
        return availability.preview_fee(terms, request, is_inside=is_inside)
    except NothingChosen:
        # Everything is optional: a typical order is the first thing on the list.
        first = next(
            (
                each
                for each in terms["positions"]
                if request["service_mode"] in each.get("service_modes", MODES)
            ),
            None,
        )
        if first is None:
            raise
        chosen = {**request, "items": [{"position": first["id"]}]}
        return availability.preview_fee(terms, chosen, is_inside=is_inside)


def _request(instrument_id: str, mode: str, minutes: int, samples: int, now: datetime) -> dict[str, Any]:
    request: dict[str, Any] = {"instrument_id": instrument_id, "service_mode": mode}
    if mode == "machine_time":
        end = now + timedelta(minutes=minutes)
        request["slot"] = {"start": now.isoformat(), "end": end.isoformat()}
    else:
        request["test_minutes"] = minutes
    if samples:
        request["samples"] = [{"count": samples}]
    return request


def _typed_position(position: Mapping[str, Any]) -> dict[str, str]:
    typed = {name: position.get(name, "") for name in ("id", "basis", *LINES)}
    typed |= {side: yuan_of(position.get(name)) for name, side in PRICES.items()}
    typed |= {name: str(position.get(name, "")) for name in (*MINUTES, *COUNTS)}
    typed["unit_minutes"] = str(position.get("unit_minutes", 60))
    typed["optional"] = "yes" if position.get("optional") else ""
    typed |= {f"mode-{mode}": "yes" for mode in position.get("service_modes", ())}
    return typed


def _is_empty(form: Mapping[str, str], number: int) -> bool:
    return not any(form.get(f"p{number}-{name}", "").strip() for name in ("name_zh", "outside", "inside"))


def _position(
    form: Mapping[str, str], number: int, taken: set[str], wrong: Wrong, language: Language
) -> dict[str, Any]:
    def told(name: str) -> str:
        return text_of(form, f"p{number}-{name}")

    basis = told("basis")
    position: dict[str, Any] = {"id": told("id") or _free_name(number, taken), "basis": basis}
    if basis not in schemas.codes("tariff_basis") or basis == "minimum":
        wrong.append((f"p{number}-basis", language("请选择计费方式")))
    if not told("name_zh"):
        wrong.append((f"p{number}-name_zh", language("请填写收费项名称")))
    position |= {name: told(name) for name in LINES if told(name)}
    position |= _prices(form, f"p{number}", wrong, language)
    if basis in TIMES:
        position["unit_minutes"] = whole(told("unit_minutes") or "60")
        position |= {name: whole(told(name)) for name in MINUTES if told(name)}
    position |= {name: whole(told(name)) for name in COUNTS if told(name)}
    if form.get(f"p{number}-optional") == "yes":
        position["optional"] = True
    modes = [mode for mode in MODES if form.get(f"p{number}-mode-{mode}") == "yes"]
    if modes:
        position["service_modes"] = modes
    return position


def _free_name(number: int, taken: set[str]) -> str:
    name = next(f"p{place}" for place in range(number + 1, MOST_POSITIONS * 3) if f"p{place}" not in taken)
    taken.add(name)
    return name


def _prices(form: Mapping[str, str], prefix: str, wrong: Wrong, language: Language) -> dict[str, int]:
    prices = {}
    for name, side in PRICES.items():
        told = form.get(f"{prefix}-{side}", "").strip()
        if not told:
            continue
        fen = fen_of(told)
        if fen is None:
            wrong.append((f"{prefix}-{side}", language("请按元填写金额，最多两位小数，例如 300 或 12.50")))
        else:
            prices[name] = fen
    return prices
