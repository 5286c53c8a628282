"""hub-sign · 结算文件签名程序：在您自己的电脑上运行，私钥不离开本机。

    python3 hub-sign.py new-key                生成密钥（Ed25519，口令加密，权限 0600），显示要登记的公钥
    python3 hub-sign.py public                 再次显示公钥
    python3 hub-sign.py show  文件.sign.json    用文字显示文件内容并核对枢纽的签名，不签署
    python3 hub-sign.py sign  文件.sign.json    显示、核对、询问，然后签署，写出要上传的 .jws 文件

Sign settlement documents on your own machine: `new-key`, `public`, `show FILE`, `sign FILE` (`--lang en` for English).
One file; it needs Python 3.9 or later, its standard library and the `openssl` program (3.0 or later), and no network.
Exit codes: 0 done, 1 not done (refused, or the document does not fit), 2 something is missing or unreadable.
"""

from __future__ import annotations

import argparse
import base64
import getpass
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PACKAGE, SIGNATURE, RECEIPT = "jyh-document/1", "settlement-signature+jws", "settlement-receipt+jws"
FOLDER = Path.home() / ".hub-sign"
SHORTEST = 10
"""Characters of a passphrase."""
LARGEST = 64 << 20
_SPKI = bytes.fromhex("302a300506032b6570032100")
_P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
_KINDS = {
    "statement": ("结算对账单", "Statement"),
    "payment-list": ("付款清单", "Payment list"),
    "credit": ("更正单", "Credit document"),
}
_PROVINCES = {
    "310000": "上海市", "320000": "江苏省", "330000": "浙江省", "340000": "安徽省", "360000": "江西省", "420000": "湖北省",
    "430000": "湖南省", "500000": "重庆市", "510000": "四川省", "520000": "贵州省", "530000": "云南省",
}  # fmt: skip


class Stop(Exception):
    """What ends the program, in both languages, with its exit code."""

    def __init__(self, zh: str, en: str, code: int = 1) -> None:
        super().__init__(en)
        self.zh, self.en, self.code = zh, en, code


def openssl(*arguments: str, given: bytes = b"", passphrase: str | None = None) -> bytes | None:
    """What `openssl` answers; None when it refuses. The passphrase goes by the child's environment, not its arguments."""
    environment = dict(os.environ) if passphrase is None else {**os.environ, "HUB_SIGN_PASS": passphrase}
    try:
        done = subprocess.run(
            ["openssl", *arguments],
            input=given,
            capture_output=True,
            env=environment,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise Stop(
            "没有可用的 openssl 程序（3.0 以上），请先安装。",
            "There is no usable openssl program (3.0 or later); install it first.",
            2,
        ) from None
    return done.stdout if done.returncode == 0 else None


# --- the key -------------------------------------------------------------------------------------------------------


def new_key(folder: Path, passphrase: str) -> dict[str, str]:
    """Make a key, encrypted by the passphrase, in a file of mode 0600; its public half."""
    path = folder / "key.pem"
    if path.exists():
        raise Stop(
            f"已有密钥「{path}」。若要更换，请先把它移走并在枢纽撤销旧公钥。",
            f"There is a key already, {path}. To change it, move it away and revoke the old public key at the hub.",
        )
    if len(passphrase) < SHORTEST:
        raise Stop(f"口令至少 {SHORTEST} 个字符。", f"The passphrase needs at least {SHORTEST} characters.")
    plain = openssl("genpkey", "-algorithm", "ED25519")
    sealing = (
        "-topk8",
        "-v2",
        "aes-256-cbc",
        "-v2prf",
        "hmacWithSHA256",
        "-iter",
        "600000",
        "-passout",
        "env:HUB_SIGN_PASS",
    )
    sealed = openssl("pkcs8", *sealing, given=plain or b"", passphrase=passphrase) if plain else None
    if not plain or not sealed:
        raise Stop("openssl 未能生成密钥。", "openssl could not make the key.", 2)
    told = _public_of(openssl("pkey", "-pubout", "-outform", "DER", given=plain))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(sealed)
    (folder / "public.json").write_text(json.dumps(told), encoding="utf-8")
    return told


def public_half(folder: Path) -> dict[str, str]:
    """The public half of the key that is there."""
    try:
        found = json.loads((folder / "public.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Stop("还没有密钥，请先运行 new-key。", "There is no key yet; run new-key first.", 2) from None
    return {name: str(found[name]) for name in ("kty", "crv", "x")}


def _public_of(der: bytes | None) -> dict[str, str]:
    if der is None or not der.startswith(_SPKI):
        raise Stop("openssl 未能读出公钥。", "openssl could not read the public key.", 2)
    return {"kty": "OKP", "crv": "Ed25519", "x": b64(der[len(_SPKI) :])}


def thumbprint(jwk: dict[str, str]) -> str:
    """RFC 7638: the name of a key."""
    members = ("crv", "kty", "x", "y") if "y" in jwk else ("crv", "kty", "x")
    told = json.dumps({name: jwk[name] for name in members}, sort_keys=True, separators=(",", ":"))
    return b64(hashlib.sha256(told.encode()).digest())


def pem(jwk: dict[str, str]) -> str:
    """A public key as PEM text, as it is enrolled."""
    raw = _P256 + octets(jwk["x"]) + octets(jwk["y"]) if jwk["kty"] == "EC" else _SPKI + octets(jwk["x"])
    return f"-----BEGIN PUBLIC KEY-----\n{base64.encodebytes(raw).decode().strip()}\n-----END PUBLIC KEY-----"


# --- the document --------------------------------------------------------------------------------------------------


def read_package(path: Path) -> dict[str, Any]:
    """A downloaded document. Raises `Stop` for what is none, or not what its hash says."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        told: dict[str, Any] = json.loads(content) if len(content) <= LARGEST else {}
        payload, body = told["payload"], json.loads(told["payload"])
        known = all(isinstance(told[name], str) for name in ("id", "kind", "sha256", "payload", "hub_jws"))
        keys = told["keys"]["keys"]
        if told["format"] != PACKAGE or not known or not isinstance(body, dict) or not isinstance(keys, list):
            raise ValueError(told["format"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise Stop(
            f"「{path}」不是从枢纽下载的待签文件。",
            f"{path} is no document that was downloaded from the hub for signing.",
            2,
        ) from None
    if hashlib.sha256(payload.encode()).hexdigest() != told["sha256"]:
        raise Stop(
            "文件内容与其摘要不符：文件已被改动，不要签署。",
            "The content does not fit its hash: the file was changed. Do not sign.",
        )
    if str(body.get("number")) != told["id"].rpartition("/")[2]:
        raise Stop(
            "文件编号与内容不符：文件已被改动，不要签署。",
            "The number is not that of the content: the file was changed. Do not sign.",
        )
    return told


def check_hub(told: dict[str, Any]) -> dict[str, str]:
    """The hub's key that has signed the document. Raises `Stop` when none has."""
    parts = told["hub_jws"].split(".")
    try:
        header = json.loads(octets(parts[0]))
        signature = octets(parts[2])
        wanted = {"typ": SIGNATURE, "side": "hub", "document": told["id"], "alg": "ES256"}
        is_right = (
            len(parts) == 3
            and not parts[1]
            and len(signature) == 64
            and all(header[name] == value for name, value in wanted.items())
        )
        key = next(
            key for key in told["keys"]["keys"] if key["kid"] == header["kid"] and key["side"] == "hub"
        )
        public = {name: str(key[name]) for name in ("kty", "crv", "x", "y")}
        is_right = is_right and _is_signed(
            public, f"{parts[0]}.{b64(told['payload'].encode())}".encode(), signature
        )
    except (ValueError, KeyError, TypeError, IndexError, StopIteration):
        is_right = False
    if not is_right:
        raise Stop(
            "枢纽的签名无效：文件不是枢纽签发的，不要签署。",
            "The hub's signature is not valid: the hub did not issue this. Do not sign.",
        )
    return public


def _is_signed(key: dict[str, str], message: bytes, signature: bytes) -> bool:
    numbers = b""
    for half in (signature[:32], signature[32:]):
        number = int.from_bytes(half, "big")
        raw = number.to_bytes(number.bit_length() // 8 + 1, "big")
        numbers += b"\x02" + bytes([len(raw)]) + raw
    with tempfile.TemporaryDirectory(prefix="hub-sign-") as name:
        folder = Path(name)
        (folder / "key").write_text(pem(key))
        (folder / "signature").write_bytes(b"\x30" + bytes([len(numbers)]) + numbers)
        told = openssl(
            "dgst",
            "-sha256",
            "-verify",
            str(folder / "key"),
            "-signature",
            str(folder / "signature"),
            given=message,
        )
    return told is not None


def in_words(told: dict[str, Any], lang: str) -> list[str]:
    """What would be signed: number, parties, period, totals."""
    body, at = json.loads(told["payload"]), 0 if lang == "zh" else 1
    kind = _KINDS.get(told["kind"], (told["kind"], told["kind"]))[at]
    lines = [f"{kind}  {told['id']}"]
    names = {"period": ("期间", "Period"), "visited": ("服务省", "Visited province"), "home": ("企业归属省", "Home province"),
             "payer_area": ("付款地区", "Paying area"), "programme_id": ("政策", "Programme"), "original": ("更正的文件", "Corrects"),
             "statement": ("所属对账单", "Of the statement"), "issued_at": ("签发时间", "Issued at")}  # fmt: skip
    for name, words in names.items():
        if name in body:
            place = _PROVINCES.get(str(body[name]))
            lines.append(f"  {words[at]}: {body[name]}" + (f" {place}" if place else ""))
    totals = body.get("totals", {})
    amounts = {
        "fee_fen": ("费用合计", "Fees"),
        "voucher_fen": ("创新券支付", "Voucher shares"),
        "own_fen": ("自付", "Own shares"),
    }
    if "lines" in totals:
        lines.append(f"  {('明细行数', 'Lines')[at]}: {totals['lines']}")
    lines += [f"  {words[at]}: {yuan(totals[name])}" for name, words in amounts.items() if name in totals]
    for line in body.get("lines", [])[:50] if told["kind"] == "payment-list" else []:
        lines.append(f"  · {line.get('payee_name', line.get('payee_id'))}: {yuan(line['amount_fen'])}")
    if "total_fen" in body:
        lines.append(f"  {('付款合计', 'Total to pay')[at]}: {yuan(body['total_fen'])}")
    return [*lines, f"  SHA-256: {told['sha256']}"]


def yuan(fen: int) -> str:
    """Fen as yuan: -123456 as `¥-1,234.56`."""
    sign = "-" if fen < 0 else ""
    return f"¥{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def make_signature(
    folder: Path, told: dict[str, Any], side: str, passphrase: str, kind: str = SIGNATURE
) -> str:
    """The detached JWS of the document by the key of this machine. Raises `Stop` for a wrong passphrase."""
    kid = thumbprint(public_half(folder))
    header = {
        "alg": "EdDSA",
        "kid": kid,
        "typ": kind,
        "document": told["id"],
        "side": side,
        "iat": int(time.time()),
    }
    protected = b64(json.dumps(header, separators=(",", ":")).encode())
    with tempfile.TemporaryDirectory(prefix="hub-sign-") as name:
        message = Path(name) / "message"
        message.write_text(f"{protected}.{b64(told['payload'].encode())}")
        key = ("-inkey", str(folder / "key.pem"), "-passin", "env:HUB_SIGN_PASS")
        signature = openssl("pkeyutl", "-sign", *key, "-rawin", "-in", str(message), passphrase=passphrase)
    if signature is None or len(signature) != 64:
        raise Stop("口令不对，或密钥文件已损坏。", "The passphrase is wrong, or the key file is damaged.")
    return f"{protected}..{b64(signature)}"


def b64(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def octets(text: str) -> bytes:
    """The octets of base64url without padding. Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


# --- speaking with the officer -------------------------------------------------------------------------------------


class Desk:
    """The officer's terminal, in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def say(self, zh: str, en: str) -> None:
        """One sentence."""
        print(zh if self.lang == "zh" else en, flush=True)

    def ask(self, zh: str, en: str) -> str:
        """A line of what the officer types; empty at the end of the input."""
        print(zh if self.lang == "zh" else en, end=" ", flush=True)
        return sys.stdin.readline().strip()

    def passphrase(self, zh: str, en: str) -> str:
        """What is typed unseen; from a pipe, a line."""
        return (
            getpass.getpass(f"{zh if self.lang == 'zh' else en} ") if sys.stdin.isatty() else self.ask(zh, en)
        )


def trust(desk: Desk, folder: Path, key: dict[str, str]) -> None:
    """Make sure that the officer has compared the hub's key once. Raises `Stop` when not."""
    known = folder / "hub-keys.txt"
    name = thumbprint(key)
    if known.exists() and name in known.read_text(encoding="utf-8").split():
        desk.say(
            "枢纽签名有效，公钥是您核对过的。",
            "The hub's signature is valid, by a key that you have compared.",
        )
        return
    desk.say(
        f"枢纽签名有效。首次见到这把枢纽公钥，指纹：\n  {name}",
        f"The hub's signature is valid. This key of the hub is new here; its fingerprint:\n  {name}",
    )
    typed = desk.ask(
        "请与枢纽门户该文件页面上显示的指纹比对，一致请输入指纹的前 8 位：",
        "Compare it with the fingerprint on the document's page of the portal; if they are equal, type its first 8 characters:",
    )
    if typed != name[:8]:
        raise Stop("指纹未核对，未签署。", "The fingerprint was not compared; nothing was signed.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with known.open("a", encoding="utf-8") as file:
        file.write(name + "\n")


def sign_document(desk: Desk, folder: Path, path: Path, side: str, *, kind: str) -> Path:
    """Show, check, ask and sign; the file to upload."""
    told = show_document(desk, folder, path)
    sides = [str(each) for each in told.get("sides", [])]
    if not side and len(sides) != 1:
        side = desk.ask(
            f"您代表哪一方签署（{'、'.join(sides)}）？", f"For which side do you sign ({', '.join(sides)})?"
        )
    side = side or sides[0]
    if side not in sides:
        raise Stop(
            f"本文件不由「{side}」签署，未签署。",
            f"{side!r} does not sign this document; nothing was signed.",
        )
    place = f"{side} {_PROVINCES.get(side, '')}".strip()
    answer = desk.ask(
        f"以「{place}」名义签署上述内容？输入“签署”确认：",
        f"Sign the above for {place}? Type 'sign' to confirm:",
    )
    if answer not in ("签署", "sign"):
        raise Stop("未签署。", "Nothing was signed.")
    text = make_signature(folder, told, side, desk.passphrase("密钥口令：", "Passphrase of the key:"), kind)
    ending = ".jws" if kind == SIGNATURE else ".receipt.jws"
    target = path.with_name(path.name.removesuffix(".json").removesuffix(".sign") + f"-{side}{ending}")
    target.write_text(text, encoding="ascii")
    desk.say(
        f"已签署。请在该文件的页面上传：{target}", f"Signed. Upload this on the document's page: {target}"
    )
    return target


def show_document(desk: Desk, folder: Path, path: Path) -> dict[str, Any]:
    """Read, check and show a document."""
    told = read_package(path)
    key = check_hub(told)
    for line in in_words(told, desk.lang):
        print(line)
    trust(desk, folder, key)
    return told


def main(arguments: list[str] | None = None) -> int:
    """What the command line asks for; the exit code."""
    parser = argparse.ArgumentParser(
        prog="hub-sign", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("do", choices=("new-key", "public", "show", "sign", "receipt"))
    parser.add_argument("file", type=Path, nargs="?", help="下载的待签文件 · the downloaded document")
    parser.add_argument(
        "--side", default="", help="代表哪一方，六位区划代码 · the side that you sign for, six digits"
    )
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="密钥所在文件夹 · folder of the key (~/.hub-sign)"
    )
    parser.add_argument("--lang", choices=("zh", "en"), default="zh")
    given = parser.parse_args(arguments)
    desk = Desk(given.lang)
    try:
        if given.do == "new-key":
            first = desk.passphrase(
                f"为密钥设一个口令（至少 {SHORTEST} 个字符）：",
                f"A passphrase for the key (at least {SHORTEST} characters):",
            )
            if first != desk.passphrase("再输入一次：", "Once more:"):
                raise Stop("两次输入不同，未生成。", "The two differ; nothing was made.")
            new_key(given.folder, first)
        if given.do in ("new-key", "public"):
            key = public_half(given.folder)
            desk.say(
                f"请在枢纽“签名公钥”页面登记下面的公钥，并由另一人核对指纹后核准。\n指纹：{thumbprint(key)}",
                f"Enrol this public key on the hub's page 'Signing keys', and have another person compare the fingerprint and approve.\nFingerprint: {thumbprint(key)}",
            )
            print(pem(key))
            return 0
        if given.file is None:
            raise Stop("请给出下载的文件。", "Name the downloaded file.", 2)
        if given.do == "show":
            show_document(desk, given.folder, given.file)
        else:
            public_half(given.folder)
            sign_document(
                desk, given.folder, given.file, given.side, kind=SIGNATURE if given.do == "sign" else RECEIPT
            )
    except Stop as why:
        print(f"✗ {why.zh if given.lang == 'zh' else why.en}", file=sys.stderr)
        return why.code
    return 0


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main())
