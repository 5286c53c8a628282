"""Collects the portal's Chinese strings and keeps the English catalogue in step: `python -m station_portal.messages`.

Adds new strings with an empty translation, drops those that are gone, and prints what still lacks English; a test
fails while anything does.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).resolve().parent
ENGLISH = HERE / "locales" / "en" / "LC_MESSAGES" / "portal.po"
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "extensions": "jinja2.ext.i18n,jinja2.ext.loopcontrols"}}
KEYWORDS = {
    "_": None, "gettext": None, "ngettext": (1, 2),
    "language": None, "say": None, "plural": (1, 2),
}  # fmt: skip


def extracted() -> Catalog:
    """Every string of templates and modules, with the places it stands at."""
    catalog = Catalog(project="jiangyihui portal", charset="utf-8")
    found = extract_from_dir(HERE, METHODS, options_map=OPTIONS, keywords=KEYWORDS, strip_comment_tags=True)
    for filename, _, message, comments, context in sorted(found, key=lambda entry: (entry[0], entry[1])):
        if has_chinese(message):
            catalog.add(message, None, [(filename, 0)], auto_comments=comments, context=context)
    return catalog


def has_chinese(message: str | tuple[str, ...]) -> bool:
    """Whether a string is one to translate: the extractor also meets codes and keys."""
    text = message if isinstance(message, str) else "".join(message)
    return any("\u3000" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef" for char in text)


def english() -> Catalog:
    """The English catalogue as it is."""
    with ENGLISH.open("rb") as source:
        return read_po(source, locale="en")


def missing(catalog: Catalog) -> list[str]:
    """Strings without a complete, unquestioned translation."""
    lacking = []
    for message in catalog:
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.id and (message.fuzzy or not all(texts)):
            lacking.append(message.id if isinstance(message.id, str) else message.id[0])
    return lacking


def synchronised() -> Catalog:
    """The English catalogue with the strings of the sources, no more and no fewer."""
    catalog = english()
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def save(catalog: Catalog) -> None:
    """Writes the catalogue sorted and without dates or line numbers, so that a change shows only itself."""
    with ENGLISH.open("wb") as target:
        write_po(target, catalog, width=110, omit_header=True, sort_output=True, no_location=True)


def main() -> int:
    """Rewrites the English catalogue from the sources; 1 while something lacks English."""
    catalog = synchronised()
    save(catalog)
    lacking = missing(catalog)
    for text in lacking:
        print(text, file=sys.stderr)  # noqa: T201
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
