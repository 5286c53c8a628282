"""What every page of one request shares: the reader, the language, the instant, and how a page is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hub.core import problems
from hub.core.errors import HubError
from hub.core.web import CurrentRuntime
from hub.identity import access
from hub.identity import queries as people
from hub.identity import service as identity
from hub.notices import queries as notices
from station_portal import roles
from station_portal.i18n import Language
from station_portal.rendering import Pages, Reader, language_of

STAFF = access.action("portal.use_workspace")
"""Access entry of the workspace's front page."""


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

    def note_refusal(self, fact: HubError) -> None:
        """A refusal that a page tells beside its form is in the audit like any other. Called with no transaction open."""
        problems.note_refusal(self.request, fact)

    def reader(self) -> Reader | None:
        """Who reads, in words."""
        token = access.session_token(self.request)
        if self.principal is None or token is None:
            return None
        principal, language = self.principal, self.language
        with self.runtime.database.read() as session:
            unread = notices.unread(session, principal.name)
            grants = people.grants_of(session, principal.person_id or "")
        acting = [held for held in grants if _is_present(principal, held)]
        return Reader(
            principal.display_name or principal.name,
            roles.acting_words(principal, acting[0].party_name if acting else None, language),
            identity.csrf_token(token),
            unread,
            tuple(
                (held.id, roles.acting_words(held, held.party_name, language))
                for held in grants
                if held not in acting
            ),
            access.may_enter(principal, "portal.use_workspace"),
            access.may_enter(principal, "identity.read_party"),
            principal.name,
        )

    def may_act_for(self, province: str) -> bool:
        return self.principal is not None and self.principal.may_act_for(province)


def _is_present(principal: access.Principal, held: people.HeldGrant) -> bool:
    terms = (held.role, held.party_id, held.province, held.area)
    return terms == (principal.role, principal.party_id, principal.province, principal.area)


def frame_of(request: Request, runtime: CurrentRuntime, principal: access.CurrentPrincipal) -> Frame:
    """The frame of a request, for anybody."""
    language = language_of(request)
    request.state.language = language.code
    return Frame(request, runtime, language, runtime.clock(), principal)


CurrentFrame = Annotated[Frame, Depends(frame_of)]


def see_other(address: str) -> Response:
    """The answer to a form that did its work: go and look at the result."""
    return RedirectResponse(address, 303)
