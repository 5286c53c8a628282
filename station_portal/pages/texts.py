"""Pages that are text: about, help, what an error code means, and the site's mark."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

import schemas
from hub.core.errors import NotFound
from hub.identity import access
from station_portal import problem_codes
from station_portal.frame import CurrentFrame

router = APIRouter(dependencies=[access.public], include_in_schema=False)

FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">'
    '<path fill="#0a5f6d" d="M20 2.5 34.6 11v18L20 37.5 5.4 29V11Z"/>'
    '<path fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round" '
    'd="M8 17.5c4-4.2 8-4.2 12 0s8 4.2 12 0M8 25c4-4.2 8-4.2 12 0s8 4.2 12 0"/></svg>'
)


@router.get("/about")
def show_about(request: Request, frame: CurrentFrame) -> Response:
    """What this is, where its data come from, and its versions."""
    versions = {
        "code": request.app.state.code_version,
        "api": request.app.version,
        "specification": schemas.VERSION,
    }
    return frame.page("about.html", {"versions": versions})


@router.get("/help")
def show_help(frame: CurrentFrame) -> Response:
    """How to search, compare and book."""
    return frame.page("help.html", {})


@router.get("/problems/{code}")
def show_problem(frame: CurrentFrame, code: str) -> Response:
    """What the error code of a problem document means: the address of its `type`."""
    meaning = problem_codes.meanings().get(code)
    if meaning is None:
        raise NotFound(f"没有错误代码「{code}」。", f"There is no error code {code!r}.", field="code")
    language = frame.language
    context = {
        "code": code,
        "title": language.pick(meaning.zh, meaning.en),
        "meaning": language.pick(meaning.hint_zh, meaning.hint_en),
        "hint": "",
    }
    return frame.page("problem.html", context)


@router.get("/favicon.svg")
@router.get("/favicon.ico")
def show_favicon() -> Response:
    """The mark of the site."""
    return Response(FAVICON, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})
