"""Public keys that platforms hand in: P-256 for ES256, Ed25519 for EdDSA, as JWK (RFC 7517) or PEM. Nothing else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from hub.identity.errors import PublicKeyRefused
from hub.identity.rules.jws import ALGORITHMS

MAX_KEYS = 4
"""Keys in use of one platform at once: the present one, the next, and room for a second machine."""

KID = re.compile(r"[A-Za-z0-9._~-]{1,64}")

_LONGEST_PEM = 2000
_MOST_MEMBERS = 20
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CURVES = {("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA"}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key as it is kept: `jwk` has the members that make it and no others, `thumbprint` is RFC 7638's."""

    kid: str
    algorithm: str
    jwk: dict[str, str]
    thumbprint: str


def read_public_key(given: object, kid: str | None = None) -> PublicKey:
    """The key in a JWK or in PEM text; its name is `kid`, else the JWK's own, else the thumbprint.

    Raises `PublicKeyRefused`: a private key was sent, another kind of key, a point that is not on the curve, a use
    other than signatures, a name that is no name.
    """
    if isinstance(given, str):
        key, named = _from_pem(given), None
    elif isinstance(given, dict):
        key, named = _from_jwk(given), given.get("kid")
    else:
        raise PublicKeyRefused(
            "请给出公钥（JWK 对象或 PEM 文本）。", "Give the public key, as a JWK or as PEM text."
        )
    jwk = {
        name: str(value)
        for name, value in key.as_dict(private=False).items()
        if name in {"kty", "crv", "x", "y"}
    }
    thumbprint = key.thumbprint()
    name = kid if kid is not None else named if named is not None else thumbprint
    if not isinstance(name, str) or not KID.fullmatch(name):
        raise PublicKeyRefused(
            "kid 应为 1—64 位字母、数字或 . _ ~ -。", "kid must be 1 to 64 letters, digits or . _ ~ -."
        )
    return PublicKey(name, _algorithm(jwk["kty"], jwk["crv"]), jwk, thumbprint)


def _from_pem(text: str) -> ECKey | OKPKey:
    if "PRIVATE KEY" in text:
        raise _private_sent()
    try:
        found = load_pem_public_key(text[:_LONGEST_PEM].encode())
    except (ValueError, UnsupportedAlgorithm):
        raise PublicKeyRefused(
            "不是可读的 PEM 公钥（以 -----BEGIN PUBLIC KEY----- 开头）。",
            "This is no readable PEM public key (-----BEGIN PUBLIC KEY-----).",
        ) from None
    if isinstance(found, Ed25519PublicKey):
        return OKPKey.import_key(found)
    if isinstance(found, EllipticCurvePublicKey) and found.curve.name == "secp256r1":
        return ECKey.import_key(found)
    raise _other_kind()


def refuse_private(jwk: Mapping[str, Any]) -> None:
    """Raises `PublicKeyRefused` for a JWK of any kind that holds a private or secret member."""
    if _PRIVATE_MEMBERS & set(jwk):
        raise _private_sent()


def _from_jwk(jwk: Mapping[str, Any]) -> ECKey | OKPKey:
    refuse_private(jwk)
    kty, crv = jwk.get("kty"), jwk.get("crv")
    if len(jwk) > _MOST_MEMBERS or not isinstance(kty, str) or not isinstance(crv, str):
        raise _other_kind()
    algorithm = _algorithm(kty, crv)
    uses = jwk.get("key_ops", ["verify"])
    if (
        jwk.get("use", "sig") != "sig"
        or not (isinstance(uses, list) and "verify" in uses)
        or jwk.get("alg", algorithm) not in ALGORITHMS[algorithm]
    ):
        raise PublicKeyRefused(
            f"该公钥的 use、key_ops 或 alg 与签名算法 {algorithm} 不符。",
            f"use, key_ops or alg of this key do not fit signatures by {algorithm}.",
        )
    x, y = jwk.get("x"), jwk.get("y")
    try:
        if kty == "EC":
            return ECKey.import_key({"kty": kty, "crv": crv, "x": str(x), "y": str(y)})
        return OKPKey.import_key({"kty": kty, "crv": crv, "x": str(x)})
    except (JoseError, ValueError, KeyError, TypeError):
        raise PublicKeyRefused(
            "公钥的坐标有误，请重新导出。", "The coordinates are not those of a key; export it again."
        ) from None


def _algorithm(kty: str, crv: str) -> str:
    found = _CURVES.get((kty, crv))
    if found is None:
        raise _other_kind()
    return found


def _private_sent() -> PublicKeyRefused:
    return PublicKeyRefused(
        "您发送的是私钥：它已不再保密，请作废并重新生成，只发送公钥。",
        "This is a private key: it is no secret any more. Make a new one and send only the public half.",
    )


def _other_kind() -> PublicKeyRefused:
    return PublicKeyRefused(
        "只接受 P-256（ES256）或 Ed25519（EdDSA）公钥。",
        "Only keys on P-256 (ES256) or Ed25519 (EdDSA) are accepted.",
    )
