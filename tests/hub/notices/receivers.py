"""Servers that receive what the hub sends: an HTTP address and a mail relay, on loopback, scripted by the test."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Received:
    """One request: path with query, headers in lower case, body."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HttpReceiver:
    """Answers with `answers` in turn (status, headers, body), then 200 and an empty JSON object."""

    host: str = ""
    requests: list[Received] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.host}/hook"


@contextmanager
def http_receiver() -> Iterator[HttpReceiver]:
    """A running address."""
    held = HttpReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            held.requests.append(Received(self.path, headers, body))
            status, extra, answer = held.answers.pop(0) if held.answers else (200, {}, b"{}")
            self.send_response(status)
            for name, value in extra.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        held.host = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield held
        finally:
            server.shutdown()
            thread.join()


@dataclass
class MailRelay:
    """A relay that takes mail, or answers RCPT with `rcpt`."""

    host: str = ""
    rcpt: str = "250 OK"
    mails: list[str] = field(default_factory=list)


@contextmanager
def mail_relay() -> Iterator[MailRelay]:
    """A running relay that speaks as much of SMTP (RFC 5321) as a sender needs."""
    held = MailRelay()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("220 relay.test")
            while line := self.rfile.readline().decode().strip():
                verb = line.split(" ")[0].upper()
                if verb == "RCPT":
                    self.say(held.rcpt)
                elif verb == "DATA":
                    self.say("354 go on")
                    lines = []
                    while (each := self.rfile.readline()) != b".\r\n":
                        lines.append(each.decode())
                    held.mails.append("".join(lines))
                    self.say("250 taken")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 OK")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        held.host = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield held
        finally:
            server.shutdown()
            thread.join()
