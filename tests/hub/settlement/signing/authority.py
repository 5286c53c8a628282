"""A time-stamp authority on loopback: `openssl ts` behind a small web server, with ways to be down or to lie."""

from __future__ import annotations

import subprocess
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
clock_precision_digits = 0
ordering = yes
ess_cert_id_alg = sha256
[leaf]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
"""


def openssl(folder: Path, *arguments: str) -> bytes:
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def make_authority(folder: Path) -> None:
    """A root and an authority under it, by the `openssl` program alone."""
    folder.mkdir(parents=True)
    config = folder / "ts.cnf"
    config.write_text(CONFIG.format(folder=folder))
    new = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-config", str(config))
    config.write_text(config.read_text() + "[req]\ndistinguished_name = name\n[name]\n")
    root = ("-x509", "-days", "3650", "-subj", "/CN=Synthetic root", "-extensions", "root")
    openssl(folder, *new, *root, "-keyout", "ca.key", "-out", "ca.pem")
    openssl(folder, *new, "-subj", "/CN=Synthetic authority", "-keyout", "tsa.key", "-out", "tsa.csr")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "3650")
    openssl(
        folder,
        "x509",
        "-req",
        "-in",
        "tsa.csr",
        *signed,
        "-extfile",
        str(config),
        "-extensions",
        "leaf",
        "-out",
        "tsa.pem",
    )
    (folder / "serial").write_text("01\n")


@dataclass
class Authority:
    """The server. `mode`: answers, `down`, `old` (the answer to the question before), or `garbage`."""

    folder: Path
    mode: str = "answers"
    asked: int = 0
    last: bytes = b""
    lock: threading.Lock = field(default_factory=threading.Lock)
    server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.server_address[1]}/tsa"

    @property
    def roots(self) -> bytes:
        return (self.folder / "ca.pem").read_bytes()

    def answer(self, question: bytes) -> bytes:
        with self.lock:
            self.asked += 1
            (self.folder / "question.tsq").write_bytes(question)
            asked = ("ts", "-reply", "-config", "ts.cnf", "-queryfile", "question.tsq")
            reply = openssl(self.folder, *asked)
            held, self.last = self.last, reply
            return held if self.mode == "old" and held else b"<html>" if self.mode == "garbage" else reply

    def start(self) -> None:
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                question = self.rfile.read(int(self.headers["content-length"]))
                if authority.mode == "down":
                    authority.asked += 1
                    self.send_response(503)
                    self.send_header("content-length", "0")
                    self.end_headers()
                    return
                reply = authority.answer(question)
                self.send_response(200)
                self.send_header("content-type", "application/timestamp-reply")
                self.send_header("content-length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()
