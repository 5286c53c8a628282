"""Check a bundle of settlement documents offline: signatures, chain, sums, membership, time-stamps.

    python -m hub.verify BUNDLE.zip | FOLDER | DOCUMENT.json [--keys TRUSTED.jwks.json] [--tsa-ca CA.pem] [--lang en]

One file that runs alone: it needs Python 3.10 or later, its standard library and the `openssl` program (3.0 or later), and
nothing of the hub. The format is told in docs/signing.md. Exit codes: 0 everything fits, 1 something does not, 2 this
cannot be read as a bundle, 3 there is no usable `openssl`.
"""

import argparse
import base64
import contextlib
import hashlib
import io
import itertools
import json
import math
import re
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

FORMAT, PACKAGE = "jyh-bundle/1", "jyh-document/1"
SIGNATURE, RECEIPT, BUNDLE = "settlement-signature+jws", "settlement-receipt+jws", "settlement-bundle+jws"
MOST_FILES, LARGEST = 20_000, 64 << 20
"""Files of a bundle, and bytes of one that is read whole; lists of lines are read line by line."""
AMOUNTS = ("fee_fen", "voucher_fen", "own_fen")
_PAID_BY = ("order_number", "payer_area", "programme_id")
_NAME = re.compile(r"[a-z]+(\.[a-z]+)+|(documents|lines|signatures|timestamps)/[A-Za-z0-9._-]+")
_HEX = re.compile(r"[0-9a-f]{64}")


class Unreadable(Exception):
    """This cannot be looked at as a bundle at all; `code` is the exit code."""

    def __init__(self, zh: str, en: str, code: int = 2) -> None:
        super().__init__(en)
        self.zh, self.en, self.code = zh, en, code


class Problem(NamedTuple):
    """What does not fit: the file, the field, line or side in it, and why in both languages."""

    file: str
    where: str
    zh: str
    en: str


@dataclass
class Report:
    """What was checked and what was found. `facts` are sentences in both languages, `grades` document → side → grade."""

    problems: list[Problem] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    grades: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def fits(self) -> bool:
        """Whether nothing was found."""
        return not self.problems

    def add(self, file: str, where: str, zh: str, en: str) -> None:
        """Note what does not fit."""
        self.problems.append(Problem(file, where, zh, en))


# --- reading -------------------------------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """The canonical form of RFC 8785. Raises ValueError for what JSON cannot say."""
    return _text(value).encode("utf-8")


def _text(value: Any) -> str:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_text(name)}:{_text(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _number(value: float) -> str:
    """A number as ECMAScript writes it."""
    if not math.isfinite(value):
        raise ValueError("no number")
    if value == 0:
        return "0"
    sign, (mantissa, _, exponent) = "-" if value < 0 else "", repr(abs(value)).partition("e")
    whole, _, part = mantissa.partition(".")
    part = "" if part == "0" else part
    digits, point = (whole + part).lstrip("0"), len(whole) + int(exponent or 0)
    point -= len(whole + part) - len(digits)
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def parse(content: bytes) -> Any:
    """JSON in its canonical form only. Raises ValueError."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError("a member twice")
        return dict(pairs)

    fractions: list[str] = []

    def number(text: str) -> float:
        fractions.append(text)
        return float(text)

    try:
        found = json.loads(content.decode("utf-8"), object_pairs_hook=once, parse_float=number)
        if (
            content.isascii() and not fractions
        ):  # ten times as fast, and the same: lists of lines are of this kind
            told = json.dumps(
                found, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
            )
            is_canonical = told.encode("utf-8") == content
        else:
            is_canonical = canonical(found) == content
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not is_canonical:
        raise ValueError("not in canonical form")
    return found


class Source:
    """The files of a bundle, from a ZIP file or a folder."""

    def __init__(self, path: Path) -> None:
        self._zip: zipfile.ZipFile | None = None
        self.path = path
        try:
            if path.is_dir():
                found = [each.relative_to(path).as_posix() for each in path.rglob("*") if each.is_file()]
            else:
                self._zip = zipfile.ZipFile(path)
                found = self._zip.namelist()
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as fault:
            raise Unreadable(f"打不开「{path}」：{fault}", f"{path} cannot be opened: {fault}") from None
        self.names = frozenset(found)
        if len(found) > MOST_FILES or len(self.names) != len(found):
            raise Unreadable("文件过多或重名。", "Too many files, or a name twice.")

    def open(self, name: str) -> BinaryIO:
        """The file's bytes. Raises OSError, KeyError and BadZipFile."""
        if self._zip is not None:
            return self._zip.open(name)  # type: ignore[return-value]
        return (self.path / name).open("rb")

    def read(self, name: str) -> bytes:
        """The whole of a small file; empty when it is missing, broken or too large (its digest will not fit)."""
        try:
            with self.open(name) as file:
                found = file.read(LARGEST + 1)
        except (OSError, KeyError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
            return b""
        return found if len(found) <= LARGEST else b""

    def digest(self, name: str) -> str:
        """SHA-256, in hexadecimal; empty when the file cannot be read."""
        made = hashlib.sha256()
        try:
            with self.open(name) as file:
                while piece := file.read(1 << 20):
                    made.update(piece)
        except (OSError, KeyError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
            return ""
        return made.hexdigest()

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file without their ends; stops where it cannot be read any further."""
        with (
            contextlib.suppress(
                OSError, KeyError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError
            ),
            self.open(name) as file,
        ):
            while piece := file.readline(LARGEST):
                yield piece.removesuffix(b"\n")

    def is_as_written(self) -> bool:
        """Whether the ZIP's own structure is, to the byte, what the hub writes: stored entries, no dates, no extras."""
        if self._zip is None:
            return True
        held, offset, central = self._zip.infolist(), 0, b""
        with self.path.open("rb") as file:
            for each in held:
                name = each.filename.encode("ascii", "replace")
                sizes = struct.pack("<LLL", each.CRC, each.file_size, each.file_size)
                common = struct.pack("<HHHHH", 20, 0, 0, 0, 33) + sizes + struct.pack("<HH", len(name), 0)
                file.seek(offset)
                if file.read(30 + len(name)) != b"PK\x03\x04" + common + name:
                    return False
                central += b"PK\x01\x02" + struct.pack("<H", 20 | 3 << 8) + common
                central += struct.pack("<HHHLL", 0, 0, 0, 0o600 << 16, offset) + name
                offset += 30 + len(name) + each.file_size
            file.seek(offset)
            tail = struct.pack("<HHHHLLH", 0, 0, len(held), len(held), len(central), offset, 0)
            return file.read() == central + b"PK\x05\x06" + tail


# --- keys and signatures -------------------------------------------------------------------------------------------


def octets(text: str) -> bytes:
    """Base64url in its one canonical spelling. Raises ValueError."""
    found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(found).rstrip(b"=").decode() != text:
        raise ValueError("not canonical base64url")
    return found


def _pem(prefix: str, point: bytes) -> bytes:
    body = base64.encodebytes(bytes.fromhex(prefix) + point).decode().strip()
    return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n".encode()


def _ed25519(jwk: Mapping[str, Any], message: bytes, signature: bytes) -> bool:
    pem = _pem("302a300506032b6570032100", octets(jwk["x"]))
    return _openssl_says(
        ("pkeyutl", "-verify", "-pubin", "-rawin", "-inkey", "@0", "-in", "@1", "-sigfile", "@2"),
        pem,
        message,
        signature,
    )


def _es256(jwk: Mapping[str, Any], message: bytes, signature: bytes) -> bool:
    if len(signature) != 64:
        return False
    prefix = "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
    pem = _pem(prefix, octets(jwk["x"]).rjust(32, b"\0") + octets(jwk["y"]).rjust(32, b"\0"))
    halves = [int.from_bytes(part, "big") for part in (signature[:32], signature[32:])]
    numbers = b"".join(
        b"\x02" + bytes([len(raw)]) + raw
        for raw in (n.to_bytes(n.bit_length() // 8 + 1, "big") for n in halves)
    )
    der = b"\x30" + bytes([len(numbers)]) + numbers
    return _openssl_says(("dgst", "-sha256", "-verify", "@0", "-signature", "@2", "@1"), pem, message, der)


ALGORITHMS: dict[str, Callable[[Mapping[str, Any], bytes, bytes], bool]] = {
    "EdDSA": _ed25519,
    "ES256": _es256,
}
"""A key's algorithm → the check of (jwk, message, signature). SM2 with SM3 joins here by its name."""
_MEANS = {
    "EdDSA": ("EdDSA", "Ed25519")
}  # values of a header's `alg`, where there are more than the name itself


@lru_cache(maxsize=4096)
def _openssl_says(arguments: tuple[str, ...], *contents: bytes) -> bool:
    """Whether `openssl` accepts; `@n` stands for a file with the n-th content."""
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        for number, content in enumerate(contents):
            (Path(folder) / str(number)).write_bytes(content)
        given = [str(Path(folder) / each[1:]) if each.startswith("@") else each for each in arguments]
        try:
            return (
                subprocess.run(["openssl", *given], capture_output=True, timeout=60, check=False).returncode
                == 0
            )
        except (OSError, subprocess.TimeoutExpired):
            raise Unreadable(
                "没有可用的 openssl 程序（3.0 以上）。",
                "There is no usable openssl program (3.0 or later).",
                3,
            ) from None


def read_keys(content: bytes) -> list[dict[str, Any]]:
    """The keys of a key set (RFC 7517). Raises ValueError."""
    found = json.loads(content)
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise ValueError("no key set")
    return keys


def check_jws(
    text: str, payload: bytes, keys: Iterable[Mapping[str, Any]], wanted: Mapping[str, str]
) -> tuple[str, str] | None:
    """Why a detached JWS is not one over this payload with these header members, by one of the keys; None: it is."""
    parts = text.split(".")
    why = ("签名与内容或公钥不符", "the signature does not fit content and key")
    try:
        if len(parts) != 3 or parts[1]:
            raise ValueError("not detached")
        header, signature = json.loads(octets(parts[0])), octets(parts[2])
        for name, value in wanted.items():
            if header.get(name) != value:
                return (
                    f"签名头的 {name} 是「{header.get(name)}」，应为「{value}」",
                    f"its {name} is {header.get(name)!r}, not {value!r}",
                )
        message = f"{parts[0]}.{base64.urlsafe_b64encode(payload).rstrip(b'=').decode()}".encode()
        for key in keys:
            if key.get("kid") != header.get("kid"):
                continue
            algorithm = str(key["alg"])
            if algorithm not in ALGORITHMS or header.get("alg") not in _MEANS.get(algorithm, (algorithm,)):
                known = ", ".join(sorted(ALGORITHMS))
                why = (
                    f"签名头的 alg 是「{header.get('alg')}」，公钥的 alg 是「{algorithm}」，本程序认得 {known}",
                    f"its alg is {header.get('alg')!r}, that of the key {algorithm!r}; this program knows {known}",
                )
                continue
            if ALGORITHMS[algorithm](key, message, signature):
                return None
    except (ValueError, KeyError, TypeError, AttributeError):
        return "不是可读的签名", "it is no readable signature"
    return why


# --- the checks ----------------------------------------------------------------------------------------------------


def check(path: Path, *, keys: Path | None = None, tsa_ca: Path | None = None) -> Report:
    """Check a bundle, or one document as it is downloaded for signing. Raises `Unreadable`."""
    trusted = None
    if keys is not None:
        try:
            trusted = read_keys(keys.read_bytes())
        except (OSError, ValueError) as fault:
            raise Unreadable(
                f"公钥文件「{keys}」不可读：{fault}", f"The keys {keys} cannot be read: {fault}"
            ) from None
    if path.is_file() and path.suffix == ".json":
        return _check_package(path, trusted)
    return _Bundle(Source(path), trusted, tsa_ca).check()


def _check_package(path: Path, trusted: list[dict[str, Any]] | None) -> Report:
    report = Report()
    try:
        told = json.loads(path.read_bytes())
        payload, keys = told["payload"].encode(), trusted or told["keys"]["keys"]
        if told["format"] != PACKAGE:
            raise ValueError("format")
        body = parse(payload)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise Unreadable(
            f"「{path}」不是待签文件：{fault}", f"{path} is no document to sign: {fault}"
        ) from None
    if hashlib.sha256(payload).hexdigest() != told.get("sha256"):
        report.add(path.name, "payload", "内容与摘要不符", "the content does not fit its hash")
    series, _, number = str(told.get("id")).rpartition("/")
    if str(body.get("number")) != number:
        report.add(path.name, "id", "编号与内容不符", "the number is not that of the content")
    wanted = {"typ": SIGNATURE, "document": told.get("id", ""), "side": "hub"}
    why = check_jws(str(told.get("hub_jws")), payload, keys, wanted)
    if why is not None:
        report.add(path.name, "hub_jws", *why)
    report.facts.append(
        (
            f"{series} 第 {number} 号，已核对枢纽签名与内容摘要",
            f"{series} number {number}: the hub's signature and the hash were checked",
        )
    )
    return report


class _Bundle:
    """One bundle while it is checked."""

    def __init__(self, source: Source, trusted: list[dict[str, Any]] | None, tsa_ca: Path | None) -> None:
        self.source, self.trusted, self.tsa_ca = source, trusted, tsa_ca
        self.report = Report()
        self.bodies: dict[str, Any] = {}
        self.members: dict[str, dict[str, tuple[Any, ...]]] = {}
        self.entries: list[dict[str, Any]] = []
        self.keys: list[dict[str, Any]] = []

    def check(self) -> Report:
        """Everything, in the order in which one thing rests on another."""
        if "manifest.json" not in self.source.names:
            raise Unreadable(
                "其中没有 manifest.json，不是结算文件包。",
                "There is no manifest.json in it: this is no bundle.",
            )
        manifest = self._manifest()
        if not self.source.is_as_written():
            self._add(
                self.source.path.name,
                "ZIP",
                "ZIP 容器与枢纽写出的不同；若曾重新打包，请解开后核对文件夹",
                "the ZIP container is not as the hub wrote it; if it was packed anew, unpack it and check the folder",
            )
        self._keys()
        self._files(manifest)
        if manifest is not None:
            for entry in self.entries:
                self._guarded(self._document, entry)
            self._chains()
            # What is paid or taken back is held against the statement's lines, wherever it stands in the bundle.
            for entry in sorted(self.entries, key=lambda each: each.get("kind") != "statement"):
                self._guarded(self._content, entry)
            self._guarded(self._heads, manifest)
        return self.report

    def _add(self, file: str, where: str, zh: str, en: str) -> None:
        self.report.add(file, where, zh, en)

    def _fact(self, zh: str, en: str) -> None:
        self.report.facts.append((zh, en))

    def _guarded(self, step: Callable[[dict[str, Any]], None], entry: dict[str, Any]) -> None:
        """One step; what is not of the form that it must have is a finding, never a crash."""
        try:
            step(entry)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as fault:
            file = entry.get("file") if isinstance(entry, dict) else None
            self._add(
                str(file or "manifest.json"),
                str(fault)[:60],
                "内容缺项或格式不对",
                "something is missing or malformed",
            )

    def _manifest(self) -> dict[str, Any] | None:
        """The table of contents, when it can be read."""
        try:
            found = parse(self.source.read("manifest.json"))
            if found["format"] != FORMAT:
                raise ValueError(found["format"])
            self.entries = [each for each in found["documents"] if isinstance(each, dict)]
            found["files"].items()
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            self._add("manifest.json", "", f"不可读：{fault}", f"cannot be read: {fault}")
            return None
        return dict(found)

    def _keys(self) -> None:
        try:
            self.keys = read_keys(self.source.read("keys.jwks.json"))
        except ValueError as fault:
            self._add("keys.jwks.json", "", f"不可读：{fault}", f"cannot be read: {fault}")
        if self.trusted is not None:
            known = {(key.get("side"), key.get("kid"), key.get("x"), key.get("y")) for key in self.trusted}
            for key in self.keys:
                if (key.get("side"), key.get("kid"), key.get("x"), key.get("y")) not in known:
                    self._add(
                        "keys.jwks.json",
                        str(key.get("kid")),
                        "不在您给出的可信公钥之中",
                        "is not among the keys that you trust",
                    )
            self._fact("公钥已与您给出的可信公钥比对", "the keys were compared with those that you trust")
        else:
            self._fact(
                "公钥取自文件包本身，请与您另行取得的公钥指纹比对（--keys）",
                "the keys are the bundle's own: compare them with a source of yours (--keys)",
            )
        payload, text = (
            self.source.read("manifest.json"),
            self.source.read("manifest.jws").decode("ascii", "replace"),
        )
        why = check_jws(text, payload, self._keys_of("hub"), {"typ": BUNDLE, "side": "hub"})
        if why is None:
            self._fact(
                "文件包目录有枢纽的有效签名", "the table of contents carries the hub's valid signature"
            )
            return
        self._add("manifest.jws", "", *why)
        self._add("manifest.json", "", "没有枢纽的有效签名", "carries no valid signature of the hub")

    def _keys_of(self, side: str) -> list[dict[str, Any]]:
        return [key for key in self.keys if key.get("side") == side]

    def _files(self, manifest: dict[str, Any] | None) -> None:
        """Every file is there, to the byte, and no other."""
        told = manifest["files"] if manifest is not None else {}
        for name, digest in told.items():
            if not _NAME.fullmatch(name) or not _HEX.fullmatch(str(digest)):
                self._add("manifest.json", name[:80], "文件名或摘要不合格式", "a name or hash is malformed")
            elif self.source.digest(name) != digest:
                self._add(name, "", "缺失或已被改动", "is missing or was changed")
        for name in sorted(self.source.names - set(told) - {"manifest.json", "manifest.jws"}):
            if not name.endswith("/"):
                self._add(name, "", "不在目录中", "is not in the table of contents")
        self._fact(f"逐一核对了 {len(told)} 个文件的摘要", f"the hashes of {len(told)} files were compared")

    def _document(self, entry: dict[str, Any]) -> None:
        """One document: its bytes, its fields, its signatures, its time-stamp."""
        file, document_id = entry["file"], entry["id"]
        payload = self.source.read(file)
        try:
            body = parse(payload)
        except ValueError as fault:
            self._add(file, "", f"不是规范形式的 JSON：{fault}", f"is no canonical JSON: {fault}")
            body = json.loads(payload)
        for name in {*entry["members"], *body}:
            if hashlib.sha256(canonical(body.get(name))).hexdigest() != entry["members"].get(name):
                self._add(file, name, "该项已被改动", "this field was changed")
        if f"{entry['series']}/{body.get('number')}" != document_id:
            self._add(file, "number", "编号与目录不符", "the number is not that of the table of contents")
        if hashlib.sha256(payload).hexdigest() != entry["sha256"]:
            self._add(file, "", "摘要与目录不符", "its hash is not that of the table of contents")
        self.bodies[document_id] = body
        grades = dict.fromkeys(entry["sides"], "waiting")
        for signature in entry["signatures"]:
            self._signature(entry, payload, signature, grades)
        self.report.grades[document_id] = grades
        if "time_stamp" in entry:
            self._time_stamp(entry["time_stamp"], entry["sha256"], document_id)
        else:
            self._fact(f"{document_id} 没有时间戳", f"{document_id} carries no time-stamp")

    def _signature(
        self, entry: dict[str, Any], payload: bytes, told: dict[str, Any], grades: dict[str, str]
    ) -> None:
        side, kind = told["side"], told["kind"]
        if kind == "acknowledged":
            if told["sha256"] != hashlib.sha256(payload).hexdigest():
                self._add(entry["file"], side, "确认的是另一内容", "something else was acknowledged")
            elif grades.get(side) == "waiting":
                grades[side] = "acknowledged"
            return
        file, at = told["file"], _instant(told["at"])
        keys = [
            key for key in self._keys_of(side)
            if _instant(key["since"]) <= at and ("until" not in key or at < _instant(key["until"]))
        ]  # fmt: skip
        wanted = {
            "typ": SIGNATURE if kind == "signed" else RECEIPT,
            "document": entry["id"],
            "side": side,
            "kid": told["kid"],
        }
        why = check_jws(self.source.read(file).decode("ascii", "replace"), payload, keys, wanted)
        if why is not None:
            self._add(file, f"{entry['id']} · {side}", *why)
        elif kind == "signed" and side in grades:
            grades[side] = "signed"

    def _time_stamp(self, told: dict[str, Any], digest: str, what: str) -> None:
        reply = self.source.read(told["file"])
        authority = (
            self.tsa_ca.read_bytes() if self.tsa_ca is not None else self.source.read("timestamps/ca.pem")
        )
        asked = ("ts", "-verify", "-digest", digest, "-in", "@0", "-CAfile", "@1", "-untrusted", "@1")
        if not _openssl_says(asked, reply, authority):
            self._add(
                told["file"],
                what,
                "时间戳与内容或机构证书不符",
                "the time-stamp does not fit content and authority",
            )
        else:
            self._fact(f"{what} 有可信时间戳（{told['at']}）", f"{what} carries a time-stamp ({told['at']})")

    def _heads(self, manifest: dict[str, Any]) -> None:
        for head in manifest["heads"]:
            self._time_stamp(head, hashlib.sha256(head["subject"].encode()).hexdigest(), head["subject"])

    def _chains(self) -> None:
        """Numbers without gaps, each naming the one before by its hash."""
        series: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        for entry in self.entries:
            number = self.bodies.get(str(entry.get("id")), {}).get("number")
            if isinstance(number, int):
                series.setdefault(str(entry.get("series")), []).append((number, entry))
        for name, held in series.items():
            held.sort(key=lambda each: each[0])
            first, last = held[0][0], held[-1][0]
            for (before, one), (number, entry) in itertools.pairwise(held):
                if number != before + 1:
                    self._add(
                        entry["file"], "number", f"缺第 {before + 1} 号", f"number {before + 1} is missing"
                    )
                elif self.bodies[entry["id"]].get("previous_sha256") != one["sha256"]:
                    self._add(
                        entry["file"],
                        "previous_sha256",
                        "与前一号文件不符",
                        "does not name the document before",
                    )
            if first == 1 and "previous_sha256" in self.bodies[held[0][1]["id"]]:
                self._add(
                    held[0][1]["file"],
                    "previous_sha256",
                    "第 1 号之前不应有文件",
                    "there is nothing before number 1",
                )
            zh, en = f"第 {first} 号", f"number {first}"
            if last > first:
                zh = f"第 {first} 至 {last} 号连续，逐份注明前一份的摘要"
                en = f"numbers {first} to {last} without a gap, each naming the one before"
            if first > 1:
                zh, en = f"{zh}；更早的不在包内", f"{en}; what is before is not in the bundle"
            self._fact(f"{name}：{zh}", f"{name}: {en}")

    def _content(self, entry: dict[str, Any]) -> None:
        body = self.bodies.get(entry["id"])
        if not isinstance(body, dict):
            return
        match entry["kind"]:
            case "statement":
                self._statement(entry, body)
            case "payment-list":
                self._payment_list(entry, body)
            case "credit":
                self._credit(entry, body)

    def _statement(self, entry: dict[str, Any], body: dict[str, Any]) -> None:
        """The lines: each what it was, in order, each once; and their sums."""
        file, whole = entry["lines"], hashlib.sha256()
        digests = iter(self.source.lines(entry["line_hashes"]))
        sums: dict[str, int] = {"lines": 0, **dict.fromkeys(AMOUNTS, 0)}
        shares: dict[tuple[str, str], list[int]] = {}
        mine = self.members.setdefault(entry["id"], {})
        number, before = 0, ""
        for number, raw in enumerate(self.source.lines(file), start=1):
            whole.update(raw + b"\n")
            where = f"第 {number} 行 line {number}"
            if hashlib.sha256(raw).hexdigest().encode() != next(digests, b""):
                self._add(file, where, "该行已被改动", "this line was changed")
            try:
                line = parse(raw)
                key = f"{line['usage_id']}.{line['usage_version']}"
                if any(not isinstance(line[name], int) for name in AMOUNTS):
                    raise ValueError("amount")
            except (ValueError, KeyError, TypeError) as fault:
                self._add(file, where, f"不可读：{fault}", f"cannot be read: {fault}")
                continue
            if line["fee_fen"] != line["voucher_fen"] + line["own_fen"]:
                self._add(
                    file, where, "费用不等于创新券与自付之和", "the fee is not voucher share and own share"
                )
            if (line["visited"], line["home"]) != (body["visited"], body["home"]):
                self._add(file, where, "不是这两省之间的使用", "is not a use between these two provinces")
            if line["usage_id"] <= before:
                self._add(file, where, "使用记录重复或次序不对", "a use twice, or out of order")
            before = line["usage_id"]
            mine[key] = tuple(line.get(name) for name in (*_PAID_BY, *AMOUNTS))
            sums["lines"] += 1
            for name in AMOUNTS:
                sums[name] += line[name]
            if line["voucher_fen"]:
                share = shares.setdefault((line["programme_id"], line["payer_area"]), [0, 0])
                share[0], share[1] = share[0] + 1, share[1] + line["voucher_fen"]
        if next(digests, None) is not None:
            self._add(file, f"第 {number + 1} 行 line {number + 1}", "缺少此行", "this line is missing")
        if whole.hexdigest() != body["lines_sha256"]:
            self._add(entry["file"], "lines_sha256", "与明细清单不符", "is not the hash of the list of lines")
        for name, value in sums.items():
            if body["totals"].get(name) != value:
                self._add(entry["file"], f"totals.{name}", f"合计应为 {value}", f"the lines come to {value}")
        told = {
            (each["programme_id"], each["payer_area"]): [each["lines"], each["voucher_fen"]]
            for each in body.get("programmes", [])
        }
        for key2 in sorted({*told, *shares} if "programmes" in body else set(), key=str):
            if told.get(key2) != shares.get(key2):
                self._add(
                    entry["file"],
                    f"programmes.{key2[0]}",
                    f"应为 {shares.get(key2)}",
                    f"the lines come to {shares.get(key2)}",
                )
        self._fact(
            f"{entry['id']}：{sums['lines']} 行明细与合计 {sums['fee_fen'] / 100:.2f} 元一致",
            f"{entry['id']}: {sums['lines']} lines come to the totals, CNY {sums['fee_fen'] / 100:.2f}",
        )

    def _payment_list(self, entry: dict[str, Any], body: dict[str, Any]) -> None:
        """Each amount is that of its orders, each order that of the statement's line, the total that of the amounts."""
        members, seen, total = self.members.get(body.get("statement", "")), set(), 0
        unpaid = None if members is None else Counter((*each[:3], each[4]) for each in members.values())
        for number, line in enumerate(body["lines"]):
            where = f"lines[{number}]"
            total += line["amount_fen"]
            if sum(order["fen"] for order in line["orders"]) != line["amount_fen"]:
                self._add(
                    entry["file"], f"{where}.amount_fen", "不等于所列订单之和", "is not the sum of its orders"
                )
            for place, order in enumerate(line["orders"]):
                if order["source"] in seen:
                    self._add(
                        entry["file"],
                        f"{where}.orders[{place}].source",
                        "同一订单出现两次",
                        "the same order twice",
                    )
                seen.add(order["source"])
                if not self._is_of_statement(order, body, unpaid):
                    self._add(
                        entry["file"],
                        f"{where}.orders[{place}]",
                        "与对账单的明细不符",
                        "does not fit the statement's line",
                    )
        if total != body["total_fen"]:
            self._add(entry["file"], "total_fen", f"合计应为 {total}", f"the lines come to {total}")
        held_zh, held_en = (
            ("，并与对账单逐行相符", " and each fits its statement's line")
            if members is not None
            else ("（所属对账单不在包内）", " (its statement is not in the bundle)")
        )
        self._fact(
            f"{entry['id']}：{len(body['lines'])} 行付款共 {total / 100:.2f} 元{held_zh}",
            f"{entry['id']}: {len(body['lines'])} payments come to CNY {total / 100:.2f}{held_en}",
        )

    def _is_of_statement(
        self, order: dict[str, Any], body: dict[str, Any], unpaid: Counter[tuple[Any, ...]] | None
    ) -> bool:
        """Whether a line of the statement, each once, pays this; what was claimed apart stands in no statement."""
        if unpaid is None or order["source"].startswith("claim:"):
            return True
        wanted = (order["order_number"], body["payer_area"], body["programme_id"], order["fen"])
        unpaid[wanted] -= 1
        return unpaid[wanted] >= 0

    def _credit(self, entry: dict[str, Any], body: dict[str, Any]) -> None:
        """It takes back exactly one line of a statement."""
        line, original = body["line"], body["original"]
        for name in AMOUNTS:
            if body["totals"][name] != -line[name]:
                self._add(
                    entry["file"], f"totals.{name}", "不等于所更正的明细", "is not what the line came to"
                )
        held = next((each for each in self.entries if each["id"] == original), None)
        if held is None:
            return
        if body["original_sha256"] != held["sha256"]:
            self._add(
                entry["file"],
                "original_sha256",
                "与原对账单不符",
                "is not the hash of the original statement",
            )
        found = self.members.get(original, {}).get(f"{line['usage_id']}.{line['usage_version']}")
        if found is None or list(found[3:]) != [line[name] for name in AMOUNTS]:
            self._add(
                entry["file"], "line", "原对账单中没有这一行", "the original statement has no such line"
            )


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


# --- saying it -----------------------------------------------------------------------------------------------------

_GRADES = {
    "signed": ("已签名", "signed"),
    "acknowledged": ("已确认，未签名", "acknowledged, not signed"),
    "waiting": ("未签名", "not signed"),
}


def say(report: Report, lang: str = "zh") -> Iterator[str]:
    """The report in sentences, one line each."""
    at = 0 if lang == "zh" else 1
    for fact in report.facts:
        yield f"  · {fact[at]}"
    for document, grades in report.grades.items():
        told = ("，" if at == 0 else ", ").join(
            f"{side} {_GRADES[grade][at]}" for side, grade in grades.items()
        )
        yield f"  · {document}{'：' if at == 0 else ': '}{told}"
    for problem in report.problems:
        where = f" [{problem.where}]" if problem.where else ""
        yield f"✗ {problem.file}{where}{'：' if at == 0 else ': '}{problem[2 + at]}"
    if report.fits:
        yield ("✓ 全部相符", "✓ Everything fits")[at]
    else:
        yield (f"✗ 有 {len(report.problems)} 处不符", f"✗ {len(report.problems)} things do not fit")[at]


def main(arguments: list[str] | None = None) -> int:
    """Check what the command line names; the exit code."""
    parser = argparse.ArgumentParser(
        prog="verify", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bundle", type=Path, help="文件包、文件夹或待签文件 · bundle, folder or document")
    parser.add_argument("--keys", type=Path, help="可信公钥 · the keys that you trust (jwks.json)")
    parser.add_argument(
        "--tsa-ca", type=Path, help="时间戳机构证书 · certificates of the time-stamp authority (PEM)"
    )
    parser.add_argument("--lang", choices=("zh", "en"), default="zh")
    given = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        report = check(given.bundle, keys=given.keys, tsa_ca=given.tsa_ca)
    except Unreadable as fault:
        print(f"✗ {fault.zh if given.lang == 'zh' else fault.en}", file=sys.stderr)
        return fault.code
    for sentence in say(report, given.lang):
        print(sentence)
    return 0 if report.fits else 1


if __name__ == "__main__":
    sys.exit(main())
