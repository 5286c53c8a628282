"""Secrets that must be read again (a second factor's, unlike a password) are sealed before they reach the database.

The keys are outside of it: a file of mode 0600 below HUB_HOME that is made when it is first needed, or the setting
`HUB_SEALING_KEYS` where several machines share a database. Who has the database alone, or a dump of it, reads nothing.
"""

import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.core.errors import HubError
from hub.core.locking import lock_folder
from hub.core.private_files import create_private, write_private

FILE = Path("keys") / "sealing.keys"
"""Where the keys are, below HUB_HOME."""

_KEY_BYTES, _NONCE_BYTES = 32, 12
_KEY_ID = re.compile(r"[a-z0-9-]{1,32}")


class SealingKeyMissing(HubError):
    """Something was sealed with a key that is not here: the file was lost, or not copied to this machine."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            "sealing_key_missing",
            f"枢纽缺少密封密钥 {key_id}，暂时无法核验动态验证码。",
            f"The hub lacks its sealing key {key_id} and cannot check one-time codes now.",
            503,
            hint_zh="可改用恢复码登录。管理员：从备份恢复 HUB_HOME/keys/sealing.keys，或补全 HUB_SEALING_KEYS。",
            hint_en="Use a recovery code. Administrators: restore HUB_HOME/keys/sealing.keys from the backup, or "
            "complete HUB_SEALING_KEYS.",
        )


class SealedDamaged(HubError):
    """What was sealed was changed, or moved to another row, in the database."""

    def __init__(self) -> None:
        super().__init__(
            "sealed_damaged",
            "密封的内容已损坏或被改动，无法读取。",
            "What was sealed is damaged or was altered, and cannot be read.",
            500,
            hint_zh="请联系枢纽管理员重置动态验证码。",
            hint_en="Ask the hub's administrators to reset the second factor.",
        )


class SealingKeysMalformed(HubError):
    """The file or the setting of sealing keys is not what it should be."""

    def __init__(self, place: str) -> None:
        super().__init__(
            "sealing_keys_malformed",
            f"{place} 有误：每行（或以逗号分隔）一个“编号:密钥”，编号不重复，密钥为 32 字节的 Base64。",
            f"{place} is malformed: one `id:key` a line (or by comma), no id twice, the key 32 octets in Base64.",
            500,
            field=place,
        )


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed text as the database keeps it: by which key, and the box (Base64 of nonce and AES-256-GCM)."""

    key_id: str
    box: str


class SealingKeys:
    """The keys of this machine by id; the first one seals, the others only open.

    `given` is the text of the setting; without one the keys are in `file`, read anew each time, so that a renewed key
    is used without a restart.
    """

    def __init__(self, file: Path, given: str | None = None) -> None:
        self._file, self._given = file, given

    @property
    def is_given(self) -> bool:
        """Whether the keys come from the setting, so that only the operator can renew them."""
        return self._given is not None

    def ids(self) -> tuple[str, ...]:
        """The ids of the keys, the one that seals first; empty before the first key. Raises `SealingKeysMalformed`."""
        return tuple(self._read())

    def seal(self, text: str, *, bound_to: str) -> Sealed:
        """Seal a text for one place (`bound_to`), where alone it can be opened. Makes the first key when there is none.

        Raises `SealingKeysMalformed`.
        """
        held = self._read() or self._make_first()
        key_id = next(iter(held))
        nonce = secrets.token_bytes(_NONCE_BYTES)
        box = AESGCM(held[key_id]).encrypt(nonce, text.encode(), _bound(bound_to, key_id))
        return Sealed(key_id, b64encode(nonce + box).decode())

    def open(self, sealed: Sealed, *, bound_to: str) -> str:
        """What was sealed. Raises `SealingKeyMissing`, `SealedDamaged` and `SealingKeysMalformed`."""
        key = self._read().get(sealed.key_id)
        if key is None:
            raise SealingKeyMissing(sealed.key_id)
        try:
            held = b64decode(sealed.box, validate=True)
            nonce, box = held[:_NONCE_BYTES], held[_NONCE_BYTES:]
            return AESGCM(key).decrypt(nonce, box, _bound(bound_to, sealed.key_id)).decode()
        except (InvalidTag, ValueError) as fault:
            raise SealedDamaged from fault

    def renew(self) -> str:
        """Put a new key before the others in the file; its id. Raises `SealingKeysMalformed` and `FolderInUse`."""
        with lock_folder(self._file.parent, "sealing"):
            key_id, key = _new_key()
            write_private(self._file, _text({key_id: key, **self._read()}))
        return key_id

    def _read(self) -> Mapping[str, bytes]:
        if self._given is not None:
            return _parse(self._given, "HUB_SEALING_KEYS")
        try:
            text = self._file.read_text("ascii")
        except FileNotFoundError:
            return {}
        except UnicodeDecodeError:
            raise SealingKeysMalformed(str(self._file)) from None
        return _parse(text, str(self._file))

    def _make_first(self) -> Mapping[str, bytes]:
        create_private(self._file, _text(dict([_new_key()])))
        return self._read()  # another process may have been first


def _bound(place: str, key_id: str) -> bytes:
    return f"{place}|{key_id}".encode()


def _new_key() -> tuple[str, bytes]:
    return secrets.token_hex(4), secrets.token_bytes(_KEY_BYTES)


def _text(keys: Mapping[str, bytes]) -> bytes:
    return "".join(f"{key_id}:{b64encode(key).decode()}\n" for key_id, key in keys.items()).encode()


def _parse(text: str, place: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for line in text.replace(",", "\n").splitlines():
        key_id, colon, encoded = line.strip().partition(":")
        if not key_id:
            continue
        try:
            key = b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if not colon or not _KEY_ID.fullmatch(key_id) or len(key) != _KEY_BYTES or key_id in found:
            raise SealingKeysMalformed(place)
        found[key_id] = key
    if not found:
        raise SealingKeysMalformed(place)
    return found
