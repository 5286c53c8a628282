"""A real Chromium: how it is started, what a page must not do, and pictures small enough for a repository."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from station_portal import assets

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK, PHONE = (1440, 900), (390, 844)
COMPRESS = Path(__file__).with_name("compress.js").read_text()
AXE = assets.TEST_TOOLS / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class BrowserMissing(RuntimeError):
    """Chromium or the built assets are not there; the message says how to get them."""


@contextmanager
def started() -> Iterator[Browser]:
    """A running Chromium. Raises BrowserMissing naming the command that helps; never skips."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        raise BrowserMissing("Chromium is missing: apt-get install chromium fonts-noto-cjk")
    if not (assets.is_current() and AXE.is_file()):
        raise BrowserMissing("The front-end assets are not built: python -m station_portal.assets --force")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """One visitor with a window, a language and a theme. Everything that goes wrong on their pages is kept."""

    def __init__(
        self,
        browser: Browser,
        base: str,
        *,
        size: tuple[int, int] = DESK,
        theme: str = "light",
        scripts: bool = True,
        language: str = "zh-CN",
    ) -> None:
        self.base = base
        self.faults: list[str] = []
        self.context: BrowserContext = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=scripts,
            locale=language,
            reduced_motion="reduce",
        )
        if language.startswith("en"):
            self.context.add_cookies([{"name": "lang", "value": "en", "url": base}])
        self.page: Page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text} ({self.page.url})")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.faults.append(f"something from outside was asked for: {request.url}")

    def go(self, path: str) -> Page:
        """Open a page and wait until it is quiet."""
        self.page.goto(self.base + path)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def go_live(self, path: str) -> Page:
        """Open a page that never becomes quiet because it refreshes itself."""
        self.page.goto(self.base + path)
        self.page.wait_for_load_state("load")
        return self.page

    def sign_in(self, username: str, password: str) -> None:
        """Sign in by the form."""
        self.go("/sign-in")
        self.page.fill("#username", username)
        self.page.fill("#password", password)
        self.page.click(".sign-in button")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def violations(self) -> list[str]:
        """What axe-core finds on the present page."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text())
        found = self.page.evaluate(
            "async rules => (await axe.run(document, { runOnly: rules })).violations", AXE_RULES
        )
        return [
            f"{rule['id']} ({rule['impact']}): {node['target']} {node['failureSummary']}"
            for rule in found
            for node in rule["nodes"]
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth"))

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """A picture of the page with at most 256 colours."""
        raw = self.page.screenshot(full_page=whole)
        path.write_bytes(compressed(self.context, raw))

    def close(self) -> None:
        self.context.close()


def compressed(context: BrowserContext, picture: bytes) -> bytes:
    """The same picture as an indexed PNG."""
    page = context.new_page()
    try:
        return base64.b64decode(page.evaluate(COMPRESS, base64.b64encode(picture).decode()))
    finally:
        page.close()
