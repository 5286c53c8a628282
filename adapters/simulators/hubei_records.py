"""湖北's records in XML: headers, the `nrii` format with the national field names, and `oai_dc`.

Section 4 of `dialects/hubei.md`.
"""

from __future__ import annotations

from datetime import UTC
from functools import lru_cache
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape
from zlib import crc32

import schemas
from adapters.simulators.national import national_fields
from adapters.simulators.world.model import Change, Instrument

IDENTIFIER = "oai:instru.hubei.example:"
NRII = "http://instru.hubei.example/nrii/1.0"
_OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
_DC = "http://purl.org/dc/elements/1.1/"
FORMATS = {
    "nrii": ("http://instru.hubei.example/nrii/1.0/nrii.xsd", NRII),
    "oai_dc": ("http://www.openarchives.org/OAI/2.0/oai_dc.xsd", _OAI_DC),
}


@lru_cache(maxsize=1)
def set_names() -> dict[str, str]:
    """Set specification → name: all instruments, and one set for each first-level class."""
    classes = schemas.codes("instrument_class").values()
    tops = {item.code[:2]: item.zh for item in classes if item.code.endswith("0000")}
    return {"instrument": "仪器", **{f"instrument:{code}": name for code, name in sorted(tops.items())}}


def is_in_set(change: Change, set_spec: str) -> bool:
    """A tombstone no longer knows its class and belongs to every set, so that no harvester misses it."""
    _, _, top = set_spec.partition(":")
    return not top or change.instrument is None or change.instrument.class_code[:2] == top


def identifier_of(change: Change) -> str:
    """`oai:…:<insCode>/<innerId>`; a record without a number gets one of the platform's, after two bars."""
    unit, _, number = change.key.partition("|")
    if not number:
        model = change.instrument.model if change.instrument is not None else ""
        return f"{IDENTIFIER}{unit}//{crc32(model.encode())}"
    return f"{IDENTIFIER}{unit}/{quote(number, safe='')}"


def key_of(identifier: str) -> str | None:
    """The world's key of an identifier; None for one that is not ours."""
    unit, slash, number = identifier.removeprefix(IDENTIFIER).partition("/")
    if not identifier.startswith(IDENTIFIER) or not slash:
        return None
    return f"{unit}|{unquote(number)}"


def write_header(change: Change) -> str:
    """A header; the header is all there is of a deleted record."""
    stamp = change.modified.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    record = change.instrument
    status, sets = (' status="deleted"', "") if record is None else ("", _class_set(record))
    return (
        f"<header{status}><identifier>{escape(identifier_of(change))}</identifier>"
        f"<datestamp>{stamp}</datestamp><setSpec>instrument</setSpec>{sets}</header>"
    )


def _class_set(record: Instrument) -> str:
    spec = f"instrument:{record.class_code[:2]}"
    return f"<setSpec>{spec}</setSpec>" if spec in set_names() else ""


def write_deleted(change: Change) -> bytes:
    """What is left of a deleted record."""
    return f"<record>{write_header(change)}</record>".encode()


def write_record(instrument: Instrument, prefix: str) -> bytes:
    """A record in one of the formats."""
    change = Change(0, instrument.modified, instrument.key, instrument)
    body = _nrii(instrument) if prefix == "nrii" else _dublin_core(change)
    return f"<record>{write_header(change)}<metadata>{body}</metadata></record>".encode()


def _nrii(instrument: Instrument) -> str:
    fields = national_fields(instrument)
    subjects = [discipline.name for discipline in instrument.disciplines]
    fields["phone"] = instrument.contact.office_phone
    parts = [f'<instrument xmlns="{NRII}">']
    for name, value in fields.items():
        if name == "subject":
            parts += [f"<subject>{escape(subject)}</subject>" for subject in subjects]
        elif value:
            parts.append(f"<{name}>{escape(value)}</{name}>")
        if name == "ename":
            parts += [f"<alias>{escape(alias)}</alias>" for alias in instrument.aliases]
        elif name == "postalcode":
            parts.append(
                f"<longitude>{instrument.place.lon}</longitude><latitude>{instrument.place.lat}</latitude>"
            )
        elif name == "phone":
            parts.append(f"<mobile>{instrument.contact.mobile}</mobile>")
    parts.append("</instrument>")
    return "".join(parts)


def _dublin_core(change: Change) -> str:
    instrument = change.instrument
    assert instrument is not None
    values = {
        "title": instrument.name,
        "identifier": identifier_of(change),
        "creator": instrument.unit.name,
        "subject": instrument.class_name,
        "type": "PhysicalObject",
        "date": instrument.modified.date().isoformat(),
    }
    inner = "".join(f"<dc:{name}>{escape(value)}</dc:{name}>" for name, value in values.items())
    return f'<oai_dc:dc xmlns:oai_dc="{_OAI_DC}" xmlns:dc="{_DC}">{inner}</oai_dc:dc>'
