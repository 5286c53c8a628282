"""The specification as a page for people: `docs/specification.md` is what this module writes."""

from collections.abc import Iterator
from typing import Any

from schemas.codelists import codes, list_names
from schemas.documents import bundled, document_names
from schemas.fields import Field, tree
from schemas.machines import machine, machine_names

INTRODUCTION = """\
# 规范 · The specification

本页由 `python -m schemas --handbook` 生成，请勿手改；测试会比对。规范版本 {version}，与代码、接口、数据库的版本各自独立。
This page is written by `python -m schemas --handbook`; do not edit it, a test compares. Specification version {version}, \
counted apart from code, API and database.

- 文档为 JSON Schema 2020-12（`schemas/v1/*.schema.json`），代码表为 CSV（`schemas/v1/codes/`），示例在 `schemas/v1/examples/`。
  Documents are JSON Schema 2020-12, code lists are CSV, examples lie beside them.
- 所有对象都是封闭的：规范之外的字段不被接受。未知的内容省略该字段，不写 `null`、「无」或空文字。
  Every object is closed. What is not known is left out: no `null`, no 无, no empty text.
- 金额是整数分，日期 `YYYY-MM-DD`，时刻为带时区的 RFC 3339，机时单位为小时，坐标为 WGS 84 度。
  Money is whole fen, dates `YYYY-MM-DD`, instants RFC 3339 with an offset, hours are hours, coordinates WGS 84 degrees.
- 「原值」与「收费」是两个不同的字段。Original value and fee are different fields.
- 同样的分类数字在不同体系中含义不同：分类总是（体系，编码）一对；枢纽只用 `most-2006`，其余经 `class_crosswalk` 对照。
  The same digits mean different classes in different schemes, so a class is always a pair of scheme and code.
- 可见范围：`public` 公众 ＜ `partner` 伙伴平台 ＜ `province` 本省工作人员 ＜ `person` 本人。手机与邮箱不公开；
  文字中夹带的手机号和邮箱对公众和伙伴平台以 `***` 遮盖。
  Each audience sees what the ones before it see. Mobile numbers and mail addresses are never public, and are masked
  inside texts.
- 判定以 `jsonschema-rs` 为准，`jsonschema` 只负责说明原因；规范只使用两者一致的子集（`python -m schemas` 检查）。
  `jsonschema-rs` gives the verdict, `jsonschema` explains; documents keep to the subset on which both agree.
- 版本：新版本必须接受旧版本写出的文档（`tests/schemas/compat/`）。可以新增可选字段、代码值和放宽限制；删除字段、新增必填项、
  收紧限制需要 `v2`。
  A new version accepts what the old one wrote: optional fields, code values and wider limits may be added; anything
  narrower is a `v2`.
"""

HEADING = """\
| 字段 field | 名称 title | 类型与限制 type and limits | 单位 unit | 必填 req. | 可见 audience | 来源 source |
|---|---|---|---|---|---|---|"""

KINDS = {
    "string": "文字 text",
    "integer": "整数 integer",
    "number": "数 number",
    "boolean": "是否 boolean",
    "array": "列表 list",
    "object": "对象 object",
    "null": "空 null",
}


def handbook(version: str) -> str:
    """The whole page in Markdown, ending with a line break."""
    parts = [INTRODUCTION.format(version=version), "## 文档 · Documents\n"]
    parts += [_document(name) for name in document_names()]
    parts += ["## 状态机 · State machines\n", *(_machine(name) for name in machine_names())]
    parts += ["## 代码表 · Code lists\n", _code_lists()]
    return "\n".join(parts)


def _document(name: str) -> str:
    schema = bundled(name)
    rows = [_row(field) for field in tree(name).walk() if field.path]
    about = f"{schema['description']}\n{schema['x-description-en']}\n"
    return "\n".join(
        [f"### {name} — {schema['title']} · {schema['x-title-en']}\n", about, HEADING, *rows, ""]
    )


def _row(field: Field) -> str:
    title = f"{field.zh} {field.en}".strip() or "—"
    if "description" in field.rules:
        title += f"<br>{field.rules['description']} {field.rules['x-description-en']}"
    unit = codes("unit")[field.unit] if field.unit else None
    cells = (
        f"`{field.path}`",
        title,
        "；".join(_limits(field.rules)),
        f"{unit.zh} {unit.en}" if unit else "",
        "是 yes" if field.is_required else "",
        field.audience,
        field.source,
    )
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _limits(rules: Any) -> Iterator[str]:
    if "x-codes" in rules:
        yield f"代码 code: [{rules['x-codes']}](#code-{rules['x-codes']})"
        return
    if "enum" in rules:
        yield " · ".join(f"`{value}`" for value in rules["enum"])
        return
    if "const" in rules:
        yield f"`{rules['const']}`"
        return
    kinds = rules.get("type", [])
    yield " / ".join(KINDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))
    for low, high, zh, en in (
        ("minimum", "maximum", "", ""),
        ("minLength", "maxLength", " 字", " characters"),
        ("minItems", "maxItems", " 项", " entries"),
        ("minProperties", "maxProperties", " 项", " entries"),
    ):
        if low in rules or high in rules:
            yield _span(rules.get(low), rules.get(high), zh, en)
    if "x-rule-zh" in rules and rules["x-rule-zh"] not in _GENERAL:
        yield f"{rules['x-rule-zh']} {rules['x-rule-en']}"


_GENERAL = frozenset(
    definition["x-rule-zh"]
    for definition in bundled("instrument")["$defs"].values()
    if definition.get("x-free-text") and "x-rule-zh" in definition
)
"""What holds for every text is said once, at the top."""


def _span(low: float | None, high: float | None, zh: str, en: str) -> str:
    unit = f"{zh}{en}" if zh else ""
    if low is None:
        return f"≤ {high}{unit}"
    return f"{low}{unit}" if low == high else f"{low}–{'…' if high is None else high}{unit}"


def _machine(name: str) -> str:
    about = machine(name)
    said = (
        f"`v1/machines/{name}.json`：谁在何种状态下可以发出何种命令，结果如何。`$same` 状态不变，`$resume` 回到此前的状态。\n"
        "Who may command what in which state, and what follows. `$same`: the state stays; `$resume`: back to the one before.\n"
    )
    rows = [
        f"| `{row.command}` | {' · '.join(state for state in ('none', *about.states) if state in row.sources)} | {row.target} "
        f"| {' · '.join(side for side in about.sides if side in row.by)} "
        f"| {' · '.join(row.guards)} | {' · '.join(row.effects)} |"
        for row in about.transitions
    ]
    head = "| 命令 command | 原状态 from | 新状态 to | 各方 by | 条件 guards | 结果 effects |\n|---|---|---|---|---|---|"
    return "\n".join([f"### {name} — {about.zh} · {about.en}\n", said, head, *rows, ""])


def _code_lists() -> str:
    rows = [
        f'| <a id="code-{name}"></a>`{name}` | {about.zh} | {about.en} | {len(about)} | {_sample(name)} | {about.source} |'
        for name in list_names()
        for about in (codes(name),)
    ]
    head = "| 代码表 list | 名称 | title | 个数 values | 值 values | 来源 source |\n|---|---|---|---|---|---|"
    return "\n".join([head, *rows, ""])


def _sample(name: str) -> str:
    entries = list(codes(name).values())
    shown = entries if len(entries) <= 12 else entries[:4]
    return " · ".join(f"`{entry.code}` {entry.zh}" for entry in shown) + ("" if shown is entries else " …")
