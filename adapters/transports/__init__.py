"""How native records travel: one module per protocol, all giving `NativePage`s with a cursor that resumes after them."""

from collections.abc import Mapping
from typing import Any

from adapters.options import Options
from adapters.transports.files import build_file_drop, build_file_pull, build_file_upload
from adapters.transports.oai_pmh import build_oai_pmh
from adapters.transports.pacing import Pacing
from adapters.transports.push_in import build_push_in
from adapters.transports.records import RecordMaker
from adapters.transports.rest_json import build_rest_json
from adapters.transports.site import Build, Fetches, Parses, Site, Transport
from adapters.transports.soap_xml import build_soap_xml
from adapters.transports.xml_files import build_xml_files

# kind → how it is built, and the directions a resource of this kind may have
KINDS: Mapping[str, tuple[Build, frozenset[str]]] = {
    "rest_json": (build_rest_json, frozenset({"pull"})),
    "soap_xml": (build_soap_xml, frozenset({"pull"})),
    "xml_files": (build_xml_files, frozenset({"pull"})),
    "oai_pmh": (build_oai_pmh, frozenset({"pull"})),
    "file_pull": (build_file_pull, frozenset({"pull"})),
    "file_drop": (build_file_drop, frozenset({"drop"})),
    "file_upload": (build_file_upload, frozenset({"upload"})),
    "push_in": (build_push_in, frozenset({"push"})),
}


def build_transport(written: Mapping[str, Any], path: str, site: Site, maker: RecordMaker) -> Transport:
    """The transport a manifest's `transport` section describes. Raises `ManifestInvalid`."""
    build, _ = KINDS[kind_of(written, path)]
    return build(written, path, site, maker)


def kind_of(written: Mapping[str, Any], path: str) -> str:
    """The kind a section names. Raises `ManifestInvalid` for an unknown one."""
    return Options(written, path).choice("kind", tuple(KINDS))


__all__ = [
    "KINDS",
    "Fetches",
    "Pacing",
    "Parses",
    "RecordMaker",
    "Site",
    "Transport",
    "build_transport",
    "kind_of",
]
