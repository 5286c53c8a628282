"""The words for each way a value can break its schema: Chinese and English, with the way out."""

from collections.abc import Mapping
from typing import Any

from schemas.codelists import Code, codes

Rules = Mapping[str, Any]

CODES = {
    "required": "missing",
    "dependentRequired": "missing",
    "type": "wrong-type",
    "enum": "unknown-code",
    "const": "wrong-value",
    "minLength": "too-short",
    "maxLength": "too-long",
    "minimum": "too-small",
    "maximum": "too-large",
    "minItems": "too-few",
    "maxItems": "too-many",
    "minProperties": "too-few",
    "maxProperties": "too-many",
    "uniqueItems": "repeated",
    "pattern": "bad-format",
    "format": "bad-format",
    "not": "bad-format",
    "unevaluatedProperties": "unknown-field",
    "propertyNames": "unknown-field",
}
"""Keyword of JSON Schema → the problem's stable code. Anything else is `invalid`."""

FORMS = frozenset({"pattern", "format", "not", "minLength", "maxLength"})
"""What the field's own rule (`x-rule-zh`, `x-rule-en`) says better than any general sentence."""

WORDS = {
    "missing": ("为必填项，请补充", "is required: please add it"),
    "wrong-type": ("应为{type_zh}，请改正", "must be {type_en}"),
    "unknown-code": ("的值不在允许范围内，{way_zh}", "has a value that is not allowed; {way_en}"),
    "wrong-value": ("应为「{limit}」，请改正", "must be “{limit}”"),
    "too-short": ("太短，至少 {limit} 个字符，请补充完整", "is too short: write at least {limit} characters"),
    "too-long": ("太长，最多 {limit} 个字符，请缩短", "is too long: shorten it to {limit} characters"),
    "too-small": (
        "太小，不得小于 {limit_zh}，请核对数值和单位",
        "is too small: at least {limit_en}; check number and unit",
    ),
    "too-large": (
        "太大，不得大于 {limit_zh}，请核对数值和单位",
        "is too large: at most {limit_en}; check number and unit",
    ),
    "too-few": (
        "至少要有 {limit} 项；没有内容时请省略",
        "needs at least {limit} entries; leave it out when there are none",
    ),
    "too-many": ("最多 {limit} 项，请删减", "may have at most {limit} entries: remove some"),
    "repeated": ("有重复的项，请删除重复", "repeats an entry: remove the repetition"),
    "bad-format": ("格式不符合规范，请改写", "is not in the specified form: rewrite it"),
    "unknown-field": (
        "不是此处可用的字段，请删除或改用规范的字段名",
        "is not a field that may stand here: remove it or use the specification's name",
    ),
    "invalid": (
        "不符合规范，请对照规范改正",
        "does not follow the specification: compare it with the specification",
    ),
}

TYPES = {
    "string": ("文字", "a text"),
    "integer": ("整数", "a whole number"),
    "number": ("数字", "a number"),
    "boolean": ("true 或 false", "true or false"),
    "array": ("列表", "a list"),
    "object": ("对象", "an object"),
    "null": ("空值", "null"),
}
SHORT_LIST = 8


def code_of(keyword: str, rules: Rules) -> str:
    """The stable code of a broken keyword."""
    return "bad-format" if _has_own_words(keyword, rules) else CODES.get(keyword, "invalid")


def sentence(keyword: str, limit: Any, rules: Rules, value: Any) -> tuple[str, str]:
    """The Chinese and English sentence that follows the field's name.

    `limit` is what the schema says under the keyword, `rules` is the schema of the field.
    """
    if _has_own_words(keyword, rules):
        return str(rules["x-rule-zh"]), str(rules["x-rule-en"])
    zh, en = WORDS[code_of(keyword, rules)]
    facts = {"limit": limit}
    if keyword in {"minimum", "maximum"}:
        facts["limit_zh"], facts["limit_en"] = _amount(limit, str(rules.get("x-unit", "")))
    if keyword == "type":
        types = limit if isinstance(limit, list) else [limit]
        facts["type_zh"] = "或".join(TYPES[name][0] for name in types)
        facts["type_en"] = " or ".join(TYPES[name][1] for name in types)
    if keyword == "enum":
        facts["way_zh"], facts["way_en"] = _way_to_code(limit, rules, value)
    return zh.format(**facts), en.format(**facts)


def _has_own_words(keyword: str, rules: Rules) -> bool:
    # The rule of a free text speaks of its form; that it is too long is another matter.
    is_length_of_prose = keyword == "maxLength" and "x-free-text" in rules
    return keyword in FORMS and "x-rule-zh" in rules and not is_length_of_prose


def _amount(limit: float, unit: str) -> tuple[str, str]:
    """A limit with its unit; large sums of money also in yuan."""
    if unit == "fen" and limit >= 100:
        yuan = limit / 100
        return f"{limit} 分（{yuan:,.0f} 元）", f"{limit} fen (CNY {yuan:,.0f})"
    if unit not in codes("unit"):
        return f"{limit}", f"{limit}"
    return f"{limit} {codes('unit')[unit].zh}", f"{limit} {codes('unit')[unit].en}"


def _way_to_code(allowed: list[Any], rules: Rules, value: Any) -> tuple[str, str]:
    """What to write instead: the code that was meant, the short list itself, or where the long list is."""
    name = rules.get("x-codes")
    if name is None:
        words = [str(item) for item in allowed]
        return f"可用：{'、'.join(words)}", f"use {', '.join(words)}"
    entries = [codes(name)[item] for item in allowed]
    meant = next((entry for entry in entries if value in _names(entry)), None)
    if meant is not None:
        return f"请改写为代码 {meant.code}（{meant.zh}）", f"write the code {meant.code} ({meant.en})"
    if len(entries) <= SHORT_LIST:
        return (
            "可用：" + "、".join(f"{entry.code}（{entry.zh}）" for entry in entries),
            "use " + ", ".join(f"{entry.code} ({entry.en})" for entry in entries),
        )
    about = codes(name)
    return (
        f"请使用代码表「{about.zh}」（{name}）中的代码，例如 {entries[0].code}（{entries[0].zh}）",
        f"use a code of the list “{about.en}” ({name}), for example {entries[0].code} ({entries[0].en})",
    )


def _names(entry: Code) -> tuple[str, ...]:
    return (entry.zh, entry.en, *entry.attributes.get("aliases", "").split("|"))
