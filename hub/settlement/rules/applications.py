"""What an application for a voucher is asked, what is wrong with its answers, and who may decide it. Pure.

The questions are data (`data/application_forms.yaml`), programme by programme, in the names of the specification.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

import schemas
from hub.settlement.money import yuan
from hub.settlement.rules.programmes import HolderKind, Programme

MACHINE = schemas.machine("application")
REVIEWED = ("submitted", "approved_once")
"""States in which an application stands in the office's line."""
MOST_LINE, MOST_TEXT = 200, 2000

_PATTERNS: Mapping[str, tuple[str, str, str]] = {
    "mail": (r"[^\s@]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,5}", "应为电子邮箱", "must be a mail address"),
    "phone": (r"\+?[0-9][0-9 -]{5,19}", "应为电话号码，例如 0573-80000000", "must be a telephone number, such as 0573-80000000"),
    "postcode": (r"[0-9]{6}", "应为六位邮政编码", "must be a postcode of six digits"),
    "account": (r"[0-9][0-9 -]{7,39}", "应为银行账号，只含数字", "must be an account number of digits"),
    "integer": (r"[0-9]{1,9}", "应为整数", "must be a whole number"),
    "boolean": (r"yes|no", "请选择是或否", "must be yes or no"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormField:
    """One question. `is_identity`: its answer is the enterprise's verified record; `is_personal`: for the two sides only."""

    name: str
    group: str
    kind: str
    zh: str
    en: str
    is_required: bool
    is_identity: bool = False
    is_personal: bool = False
    choices: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """What one programme asks for. `papers` are kinds of `application_paper`; `apply` says where its own system is."""

    programme_id: str
    fields: tuple[FormField, ...]
    papers: tuple[str, ...]
    is_once_a_year: bool
    apply_zh: str
    apply_en: str
    source: Mapping[str, Any]


class Fault(NamedTuple):
    """Something wrong with an application: the field, a code, the words."""

    field: str
    code: str
    zh: str
    en: str


class Place(NamedTuple):
    """Where an application stands: in the office's line (`review`) or in that for budget, from 1, and how many there are."""

    line: str
    position: int
    of: int


@cache
def forms() -> Mapping[str, Form]:
    """Every programme's form by the programme's identifier."""
    told = _data()
    return {each["programme"]: _form(each, told["fields"]) for each in told["forms"]}


def groups() -> Mapping[str, tuple[str, str]]:
    """The groups of fields in their order: name → words in both languages."""
    return {name: (words[0], words[1]) for name, words in _data()["groups"].items()}


def faults_of(form: Form, answers: Mapping[str, str], *, is_final: bool) -> list[Fault]:
    """What is wrong with the answers. `is_final`: what is required must be there; before that only what is typed is looked at."""
    known = {each.name for each in form.fields}
    found = [
        Fault(name[:60], "unknown_field", "表单中没有这一项", "the form has no such field")
        for name in sorted(answers.keys() - known)
    ]
    for each in form.fields:
        value = answers.get(each.name, "")
        if not value:
            if is_final and each.is_required:
                found.append(Fault(each.name, "missing", f"请填写「{each.zh}」", f"{each.en}: is needed"))
            continue
        words = _against(each, value)
        if words is not None:
            found.append(Fault(each.name, "malformed", f"「{each.zh}」{words[0]}", f"{each.en}: {words[1]}"))
    return found


def form_for(form: Form, kind: HolderKind) -> Form:
    """The form as this kind of holder is asked: who is no legal entity has no credit code and no licence."""
    if kind == "enterprise":
        return form
    fields = tuple(each for each in form.fields if each.kind != "credit_code")
    return replace(
        form, fields=fields, papers=tuple(each for each in form.papers if each != "business_licence")
    )


def fault_of_amount(programme: Programme, fen: int, kind: HolderKind = "enterprise") -> Fault | None:
    """What is wrong with the amount: not for this kind of holder, nothing, or more than it may use in a year."""
    quota = programme.quota(kind)
    if quota is None:
        held = schemas.codes("programme_holder")[kind]
        return Fault(
            "fen", "holder", f"本政策不面向{held.zh}", f"the programme is not for this holder: {held.en}"
        )
    if fen <= 0:
        return Fault("fen", "missing", "请填写申领金额", "say how much is applied for")
    cap = quota.cap_year_fen
    if cap is not None and fen > cap:
        told = yuan(cap)
        return Fault(
            "fen", "too_much", f"申领金额不能超过年度上限 {told} 元", f"at most the year's cap of {told} CNY"
        )
    return None


def is_window_open(programme: Programme, day: date) -> bool:
    """Whether the programme takes applications on that day; one without a window always does."""
    window = programme.terms.get("window")
    if window is None:
        return True
    begin = window.get("from")
    return (begin is None or date.fromisoformat(begin) <= day) and day <= date.fromisoformat(window["until"])


def lacking_papers(form: Form, asked: Collection[str], held: Collection[str]) -> tuple[str, ...]:
    """Kinds of papers that the form or the office asks for and that are not there, in the order of the code list."""
    wanted = {*form.papers, *asked} - set(held)
    return tuple(code for code in schemas.codes("application_paper") if code in wanted)


def _against(field: FormField, value: str) -> tuple[str, str] | None:
    most = MOST_TEXT if field.kind == "text" else MOST_LINE
    if len(value) > most:
        return f"不能超过 {most} 字", f"has at most {most} characters"
    if field.kind != "text" and not value.isprintable():
        return "应为一行文字", "must be one line of text"
    if field.kind == "date":
        return None if _is_date(value) else ("应为日期，例如 2019-03-01", "must be a date such as 2019-03-01")
    if field.kind == "choice":
        codes = {code for code, _, _ in field.choices}
        return None if value in codes else ("请从列出的选项中选择", "must be one of the choices")
    if field.kind in _PATTERNS:
        pattern, zh, en = _PATTERNS[field.kind]
        return None if re.fullmatch(pattern, value, re.ASCII) else (zh, en)
    return None


def _is_date(value: str) -> bool:
    try:
        return len(value) == 10 and date.fromisoformat(value) is not None
    except ValueError:
        return False


def _form(told: Mapping[str, Any], fields: Mapping[str, Mapping[str, Any]]) -> Form:
    required = set(told["required"])
    names = [name for name in fields if name in required or name in told.get("optional", ())]
    return Form(
        told["programme"],
        tuple(_field(name, fields[name], name in required) for name in names),
        tuple(told["papers"]),
        bool(told["once_a_year"]),
        told.get("apply_zh", ""),
        told.get("apply_en", ""),
        told["source"],
    )


def _field(name: str, told: Mapping[str, Any], is_required: bool) -> FormField:
    choices = tuple((code, words[0], words[1]) for code, words in told.get("choices", {}).items())
    return FormField(
        name,
        told["group"],
        told["kind"],
        told["zh"],
        told["en"],
        is_required,
        told.get("identity", False),
        told.get("is_personal", False),
        choices,
    )


@cache
def _data() -> Mapping[str, Any]:
    text = files("hub.settlement").joinpath("data/application_forms.yaml").read_text(encoding="utf-8")
    told: Mapping[str, Any] = yaml.safe_load(text)
    return told
