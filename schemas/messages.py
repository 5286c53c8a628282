"""The words for each way a value can break its schema: Chinese and English, with the way out."""

from collections.abc import Mapping
from typing import Any

TYPES_ZH = {
    "string": "文字",
    "integer": "整数",
    "number": "数字",
    "boolean": "true 或 false",
    "array": "列表",
    "object": "对象",
}
TYPES_EN = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}
LISTED = 8

WORDS = {
    "required": ("缺少必填内容，请补充", "is required: please add it"),
    "dependentRequired": ("须与相关项同时填写，请补充", "is needed beside a related field: please add it"),
    "unknown-field": (
        "不是规范中的字段，请删除或改用规范的字段名",
        "is not a field of the specification: remove it or use the specification's name",
    ),
    "type": ("应为{type_zh}，请改正", "must be {type_en}"),
    "enum": ("的值不在代码表内，请改用：{listed_zh}", "is not a value of the code list; use {listed_en}"),
    "const": ("应为 {limit}，请改正", "must be {limit}"),
    "minLength": ("太短，至少 {limit} 个字符", "is too short: at least {limit} characters"),
    "maxLength": ("太长，最多 {limit} 个字符，请缩短", "is too long: shorten it to {limit} characters"),
    "minimum": (
        "太小，不得小于 {limit}{unit}，请核对单位",
        "is too small: at least {limit}{unit}; check the unit",
    ),
    "maximum": (
        "太大，不得大于 {limit}{unit}，请核对单位",
        "is too large: at most {limit}{unit}; check the unit",
    ),
    "minItems": (
        "至少要有 {limit} 项；没有内容时请省略",
        "needs at least {limit} entries; leave it out when there are none",
    ),
    "maxItems": ("最多 {limit} 项，请删减", "may have at most {limit} entries"),
    "uniqueItems": ("有重复的项，请删除重复", "repeats an entry: remove the repetition"),
    "minProperties": (
        "不能为空；没有内容时请省略",
        "must not be empty; leave it out when there is nothing to say",
    ),
    "pattern": ("格式不对，请按规范改写", "is not in the right form"),
    "format": ("格式不对，请按规范改写", "is not in the right form"),
    "not": ("含有不允许的内容，请删除", "holds something that is not allowed: remove it"),
}
OWN_RULE = {"pattern", "format", "not"}  # the field's own `x-rule-zh` / `x-rule-en` says it better


def sentence(keyword: str, limit: object, rules: Mapping[str, Any], value: object) -> tuple[str, str]:
    """The Chinese and English sentence for a broken keyword, to follow the field's name.

    `limit` is the keyword's value in the schema, `rules` the schema of the field.
    """
    if keyword in OWN_RULE and "x-rule-zh" in rules:
        return f"{rules['x-rule-zh']}", f"{rules['x-rule-en']}"
    zh, en = WORDS.get(keyword, ("不符合规范，请对照规范改正", "does not follow the specification"))
    unit = rules.get("x-unit", "")
    facts = {
        "limit": limit,
        "unit": f" {unit}" if unit else "",
        "type_zh": TYPES_ZH.get(str(limit), str(limit)),
        "type_en": TYPES_EN.get(str(limit), str(limit)),
        "listed_zh": _listed(limit, rules, "、", "等 {n} 个值（代码表 {name}）"),
        "listed_en": _listed(limit, rules, ", ", " … ({n} values, code list {name})"),
    }
    return zh.format(**facts), en.format(**facts)


def _listed(limit: object, rules: Mapping[str, Any], comma: str, rest: str) -> str:
    if not isinstance(limit, list):
        return str(limit)
    shown = comma.join(str(value) for value in limit[:LISTED])
    if len(limit) <= LISTED:
        return shown
    return shown + rest.format(n=len(limit), name=rules.get("x-codes", "–"))
