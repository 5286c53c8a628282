"""What is kept in one place: for one instrument, or for all instruments of an institution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy.orm import Session

from hub.availability import service as availability
from hub.identity import access
from station_portal.frame import Frame


@dataclass(frozen=True, slots=True)
class Place:
    """Whose page it is; a page names the last part of its address and the action it needs."""

    page: ClassVar[str]
    action: ClassVar[str]

    id: str
    is_unit: bool

    @property
    def address(self) -> str:
        """Of the page."""
        return f"/staff/{'institutions' if self.is_unit else 'instruments'}/{self.id}/{self.page}"

    def allow(self, session: Session, me: access.Principal, frame: Frame) -> None:
        """Let the reader keep what is kept here, or raise."""
        check = availability.allow_institution if self.is_unit else availability.allow_instrument
        check(session, me, self.action, self.id, now=frame.now)
