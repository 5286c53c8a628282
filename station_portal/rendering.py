"""From a template and its values to a page: language, theme, links of the frame and the headers every page carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from station_portal import formats, i18n
from station_portal.i18n import Language
from station_portal.statics import BUILD_COMMAND, Assets

TEMPLATES = Path(__file__).resolve().parent / "templates"
YEAR = 31_536_000
THEMES = {"light": "not all", "dark": "screen", "auto": "screen and (prefers-color-scheme: dark)"}
"""Theme → the `media` of the stylesheet that holds the dark values."""

HEADERS = {"Vary": "Cookie, HX-Request"}
"""Of every page; the content security policy and its like are the hub's edge's."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, as far as a page's frame must know: name, role in words, the token its forms carry, unread notices.

    `others` are what they may act as instead, as (number of the grant, words); `has_work` says whether there is a
    workspace for them, `has_party` whether they act for an organisation. `principal` is what the record calls them; it
    tells one reader's drafts in a browser tab from another's.
    """

    name: str
    role: str
    csrf: str
    unread: int = 0
    others: tuple[tuple[int, str], ...] = ()
    has_work: bool = False
    has_party: bool = False
    principal: str = ""


@dataclass(frozen=True)
class Pages:
    """Renders templates. One per process: it holds an environment for each language."""

    assets: Assets
    is_demo: bool
    environments: Mapping[str, Environment] = field(default_factory=dict)

    @classmethod
    def create(cls, assets: Assets, *, is_demo: bool) -> Pages:
        built = frozenset(assets.files.items())
        return cls(assets, is_demo, {code: environment(code, built) for code in ("zh", "en")})

    def render(
        self,
        request: Request,
        template: str,
        context: Mapping[str, Any],
        *,
        now: datetime,
        reader: Reader | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """The page as a response with its headers; a choice made in the query (`lang`, `theme`) becomes a cookie."""
        language = language_of(request)
        theme = theme_of(request)
        frame = {
            "request": request,
            "lang": language,
            "theme": theme,
            "dark_media": THEMES[theme],
            "now": now,
            "reader": reader,
            "is_demo": self.is_demo,
            "here": lambda **changes: here(request, **changes),
            "age": lambda value: formats.age(value, now, language),
        }
        body = self.environments[language.code].get_template(template).render({**frame, **context})
        response = HTMLResponse(body, status, headers={**HEADERS, **(headers or {})})
        response.headers["Content-Language"] = language.tag
        if request.query_params.get("lang") in ("zh", "en"):
            response.set_cookie(i18n.COOKIE, language.code, max_age=YEAR, samesite="lax")
        if request.query_params.get("theme") in THEMES:
            response.set_cookie("theme", theme, max_age=YEAR, samesite="lax")
        return response


@cache
def environment(code: i18n.Code, built: frozenset[tuple[str, str]]) -> Environment:
    """The Jinja environment of a language over these built files; undefined names are errors, everything is escaped.

    Compiled templates are kept with it, so one process compiles each of them once.
    """
    language, assets = i18n.language(code), Assets(dict(built))
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.loopcontrols"],
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(language.translations, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(
        asset=assets.url,
        assets_built=assets.is_built,
        build_command=BUILD_COMMAND,
        icon=lambda name: icon(assets, name),
        landmark=lambda name: landmark(assets, name),
        symbol=lambda name: symbol(assets, name),
        search_url=search_url,
    )
    made.filters.update(
        num=formats.number,
        yuan=formats.yuan,
        signed=formats.signed,
        yi=formats.yi,
        size=formats.size,
        distance=formats.distance,
        instant=formats.instant,
        marked=marked,
        outside=formats.outside_link,
        value=lambda fen: formats.original_value(fen, language),
        duration=lambda seconds: formats.duration(seconds, language),
        share=formats.share,
    )
    return made


def symbol(assets: Assets, name: str) -> str:
    """The address of one drawing in the sprite."""
    return f"{assets.url('icons.svg')}#{name}"


def icon(assets: Assets, name: str) -> Markup:
    """A small decorative icon; words beside it carry the meaning."""
    if not assets.is_built:
        return Markup("")
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>').format(
        symbol(assets, f"i-{name}")
    )


def landmark(assets: Assets, name: str) -> Markup:
    """A province's landmark as a decorative drawing."""
    use = Markup('<use href="{}"/>').format(symbol(assets, f"lm-{name}")) if assets.is_built else ""
    return Markup('<svg class="landmark" viewBox="0 0 48 48" aria-hidden="true">{}</svg>').format(use)


def marked(segments: Sequence[Any]) -> Markup:
    """Highlighted text: the hit pieces in `<mark>`, everything escaped."""
    pieces = (
        Markup("<mark>{}</mark>").format(part.text) if part.is_hit else escape(part.text) for part in segments
    )
    return Markup("").join(pieces)


def language_of(request: Request) -> Language:
    return i18n.choose(request.query_params, request.cookies)


def theme_of(request: Request) -> str:
    for wish in (request.query_params.get("theme"), request.cookies.get("theme")):
        if wish in THEMES:
            return wish
    return "auto"


def here(request: Request, **changes: str | None) -> str:
    """The present address with some query values changed (None removes one); `lang` and `theme` do not stick."""
    kept = [
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in {"lang", "theme"} and name not in changes
    ]
    kept += [(name, value) for name, value in changes.items() if value is not None]
    return quote(request.url.path) + (f"?{urlencode(kept)}" if kept else "")


def search_url(**values: str | None) -> str:
    """An address of the search page with the given filters; empty values are left out."""
    given = [(name, value) for name, value in values.items() if value]
    return "/search" + (f"?{urlencode(given)}" if given else "")


def is_fragment(request: Request) -> bool:
    """Whether htmx asks for a part of a page (and is not restoring a whole page from its history)."""
    return (
        request.headers.get("hx-request") == "true"
        and request.headers.get("hx-boosted") != "true"
        and request.headers.get("hx-history-restore-request") != "true"
    )
