"""What the operator wrote down about the provinces' other systems: identity providers, and who takes audit heads.

One JSON file beside the connections, because it holds secrets too:

    {"identity_providers": [{"id": "zj", "province": "330000", "issuer": "https://…", "client_id": "…",
                             "client_secret": "…", "name_zh": "…", "name_en": "…", "algorithms": ["ES256"]}],
     "audit_heads": {"330000": "https://…"}}
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

ALGORITHMS = ("ES256", "EdDSA", "PS256", "RS256")

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
_TEXTS = ("id", "province", "issuer", "client_id", "name_zh", "name_en")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class PartnersMalformed(ValueError):
    """The file of partners is not what it should be; the text names the place."""


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """A province's OpenID provider. It may say which enterprises *of its own province* a person acts for.

    `algorithms` are those that its ID tokens may be signed with, `enterprises_claim` names the claim that lists
    enterprises (empty: it lists none).
    """

    id: str
    province: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name_zh: str
    name_en: str
    algorithms: tuple[str, ...] = ("ES256",)
    enterprises_claim: str = "enterprises"


@dataclass(frozen=True, slots=True)
class Partners:
    """Identity providers by their id, and the addresses that take the audit's daily heads by province."""

    identity_providers: Mapping[str, IdentityProvider] = field(default_factory=dict)
    audit_heads: Mapping[str, str] = field(default_factory=dict)


def read_partners(path: Path) -> Partners:
    """The partners in the file; none when there is no file. Raises `PartnersMalformed`."""
    try:
        held = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return Partners()
    except orjson.JSONDecodeError as fault:
        raise PartnersMalformed(f"{path}: 不是有效的 JSON / not valid JSON: {fault}") from fault
    try:
        return partners_of(held)
    except PartnersMalformed as fault:
        raise PartnersMalformed(f"{path}: {fault}") from fault


def partners_of(held: Any) -> Partners:
    """The partners that a document of this module's format describes. Raises `PartnersMalformed`."""
    if not isinstance(held, dict):
        raise PartnersMalformed("应为对象 / must be an object")
    entries = held.get("identity_providers", [])
    if not isinstance(entries, list):
        raise PartnersMalformed("identity_providers 应为列表 / must be a list")
    providers: dict[str, IdentityProvider] = {}
    for number, entry in enumerate(entries):
        provider = _provider(f"identity_providers[{number}]", entry)
        if provider.id in providers or provider.issuer in {other.issuer for other in providers.values()}:
            raise PartnersMalformed(f"identity_providers[{number}]: id 或 issuer 重复 / id or issuer twice")
        providers[provider.id] = provider
    heads = held.get("audit_heads", {})
    if not isinstance(heads, dict):
        raise PartnersMalformed("audit_heads 应为对象 / must be an object: province code → address")
    for code, address in heads.items():
        _check_address(f"audit_heads.{code}", address)
    return Partners(providers, heads)


def _provider(place: str, entry: Any) -> IdentityProvider:
    if not isinstance(entry, dict):
        raise PartnersMalformed(f"{place} 应为对象 / must be an object")
    texts = {name: _text(place, entry, name) for name in _TEXTS}
    if not _ID.fullmatch(texts["id"]):
        raise PartnersMalformed(
            f"{place}.id 应为小写字母、数字、连字符 / lower-case letters, digits, hyphens"
        )
    if not re.fullmatch("[1-9][0-9]0000", texts["province"]):
        raise PartnersMalformed(f"{place}.province 应为六位省级代码 / must be a six-digit province code")
    _check_address(f"{place}.issuer", texts["issuer"])
    algorithms = entry.get("algorithms", ["ES256"])
    if not isinstance(algorithms, list) or not algorithms or not set(algorithms) <= set(ALGORITHMS):
        raise PartnersMalformed(f"{place}.algorithms 可取 / may be {', '.join(ALGORITHMS)}")
    secret, claim = entry.get("client_secret", ""), entry.get("enterprises_claim", "enterprises")
    if not isinstance(secret, str) or not isinstance(claim, str):
        raise PartnersMalformed(f"{place}: client_secret、enterprises_claim 应为文本 / must be texts")
    return IdentityProvider(
        **texts, client_secret=secret, algorithms=tuple(algorithms), enterprises_claim=claim
    )


def _text(place: str, entry: Mapping[str, Any], name: str) -> str:
    held = entry.get(name)
    if not isinstance(held, str) or not held:
        raise PartnersMalformed(f"{place}.{name} 缺失 / is missing")
    return held


def _check_address(place: str, address: Any) -> None:
    parts = urlsplit(address) if isinstance(address, str) else None
    is_safe = parts is not None and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )
    if not is_safe:
        raise PartnersMalformed(
            f"{place} 应为 https 地址（本机除外） / must be an https address, but for loopback"
        )
