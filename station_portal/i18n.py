"""Two languages: Chinese strings in the source, English in `locales/en/LC_MESSAGES/portal.po`.

The catalogue is read as text at start and compiled in memory: nothing binary is committed, and an edited translation
needs no build step. A string without an English entry fails a test.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Code = Literal["zh", "en"]
LOCALES = Path(__file__).resolve().parent / "locales"
COOKIE = "lang"


@dataclass(frozen=True, slots=True)
class Language:
    """One of the two languages of the portal, with everything that depends on it."""

    code: Code
    tag: str
    """The BCP 47 tag of the `lang` attribute."""
    locale: str
    """The CLDR locale of numbers and dates."""
    translations: gettext.NullTranslations

    def __call__(self, message: str, **values: object) -> str:
        """The message in this language, with `%(name)s` filled in."""
        text = self.translations.gettext(message)
        return text % values if values else text

    def plural(self, one: str, many: str, count: int, **values: object) -> str:
        """The message for a count; Chinese has one form, English two."""
        return self.translations.ngettext(one, many, count) % {"count": count, **values}

    def pick(self, zh: str | None, en: str | None) -> str:
        """The name that this language's readers know; the other one when it is missing."""
        first, second = (zh, en) if self.code == "zh" else (en, zh)
        return first or second or ""

    @property
    def other(self) -> Code:
        return "en" if self.code == "zh" else "zh"


@cache
def language(code: Code) -> Language:
    """The language of a code; reads its catalogue once per process."""
    if code == "zh":
        return Language("zh", "zh-CN", "zh_CN", gettext.NullTranslations())
    compiled = io.BytesIO()
    with (LOCALES / "en" / "LC_MESSAGES" / "portal.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale="en"))
    compiled.seek(0)
    return Language("en", "en", "en", gettext.GNUTranslations(compiled))


def choose(query: Mapping[str, str], cookies: Mapping[str, str]) -> Language:
    """The reader's language: `?lang=` before the cookie; Chinese when neither says so.

    What the browser was installed in decides nothing: offices here run English browsers, and the switch is on
    every page.
    """
    for wish in (query.get("lang"), cookies.get(COOKIE)):
        if wish in ("zh", "en"):
            return language("en" if wish == "en" else "zh")
    return language("zh")
