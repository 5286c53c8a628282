"""From a template and texts to a PDF that is whole."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

from hub.settlement.errors.printing import PdfIncomplete
from hub.settlement.printing import fonts as font
from hub.settlement.printing.reading_back import lost_texts

TEMPLATES = Path(__file__).resolve().parent / "templates"
_EPOCH = 0
"""The time that is written into every file: equal texts give equal bytes."""


def render_pdf(template: str, data: Mapping[str, Any], fonts: Path) -> bytes:
    """The PDF of `templates/<template>.typ` with these texts: what is given is what is shown.

    `data` holds strings (amounts and dates as they are to be read), lists and objects of them, and booleans that only
    choose; it reaches the template as JSON, never as part of its source. `fonts` is the folder of `fonts.FILES`; no
    other font is looked at. Equal data give equal bytes. Raises `PdfIncomplete` when the font is missing, a text cannot
    be set, or one does not come back whole by extraction; a template that does not exist or is faulty is a fault of the
    program: ValueError.
    """
    source = TEMPLATES / f"{template}.typ"
    if not source.is_file():
        raise ValueError(f"no template {template!r}")
    if not font.are_present(fonts):
        raise PdfIncomplete("字体未安装", "the font is not installed")
    try:
        made = typst.compile(
            str(source),
            root=str(TEMPLATES),
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            timestamp=_EPOCH,
        )
    except typst.TypstError as fault:
        raise ValueError(f"template {template!r}: {fault}") from fault
    pdf = bytes(made)
    lost = lost_texts(pdf, data)
    if lost:
        raise PdfIncomplete(f"「{lost[0][:40]}」未能完整写入", f"{lost[0][:40]!r} did not come back whole")
    return pdf
