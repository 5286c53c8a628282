"""What every page of one request shares: the reader, the language, the instant, and how a page is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hub.core.web import CurrentRuntime
from hub.identity import access
from hub.identity import service as identity
from station_portal import wording
from station_portal.i18n import Language
from station_portal.rendering import Pages, Reader, language_of

STAFF = access.require("session:hub_admin", "session:province_staff")
"""Access entry of the staff pages."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One request for a page."""

    request: Request
    runtime: Any
    language: Language
    now: datetime
    principal: access.Principal | None

    def page(
        self,
        template: str,
        context: Mapping[str, Any],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """The rendered page; a signed-in reader's pages are never kept by anybody."""
        pages: Pages = self.request.app.state.pages
        kept = {"Cache-Control": "private, no-store"} if self.principal else {"Cache-Control": "no-cache"}
        return pages.render(
            self.request,
            template,
            context,
            now=self.now,
            reader=self.reader(),
            status=status,
            headers={**kept, **(headers or {})},
        )

    def reader(self) -> Reader | None:
        """Who reads, in words."""
        token = access.session_token(self.request)
        if self.principal is None or token is None:
            return None
        return Reader(
            self.principal.display_name or self.principal.name,
            role_words(self.principal, self.language),
            identity.csrf_token(token),
        )

    def may_act_for(self, province: str) -> bool:
        return self.principal is not None and self.principal.may_act_for(province)


def role_words(principal: access.Principal, language: Language) -> str:
    """The reader's role for people."""
    if principal.province is None:
        return language("枢纽管理员")
    return language("%(name)s平台工作人员", name=wording.short_province(principal.province, language))


def frame_of(request: Request, runtime: CurrentRuntime, principal: access.CurrentPrincipal) -> Frame:
    """The frame of a request, for anybody."""
    language = language_of(request)
    request.state.language = language.code
    return Frame(request, runtime, language, runtime.clock(), principal)


CurrentFrame = Annotated[Frame, Depends(frame_of)]
StaffMember = Annotated[access.Principal, STAFF]


def see_other(address: str) -> Response:
    """The answer to a form that did its work: go and look at the result."""
    return RedirectResponse(address, 303)
