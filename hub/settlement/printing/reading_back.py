"""Whether a finished PDF says what it was made to say, by extraction with a reader that had no part in making it."""

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pypdf import PdfReader

_BLANK = re.compile(r"\s+")


def lost_texts(pdf: bytes, data: Mapping[str, Any]) -> list[str]:
    """The texts of `data` that do not come back whole, or not as often as they were given; in its order.

    Every string anywhere in `data` is looked for; blanks and line breaks do not count, since lines are broken anew, nor
    do forms that Unicode holds to be the same sign (NFKC).
    """
    found = _plain("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))
    given = Counter(_texts(data))
    return [text for text, times in given.items() if _plain(text) and found.count(_plain(text)) < times]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _each(value.values())
    elif isinstance(value, list | tuple):
        yield from _each(value)


def _each(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        yield from _texts(value)


def _plain(text: str) -> str:
    return _BLANK.sub("", unicodedata.normalize("NFKC", text))
