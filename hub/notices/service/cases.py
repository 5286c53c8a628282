"""Telling people what an office decided about an enterprise. What was written stays on the page: texts leave the hub."""

from datetime import datetime

from sqlalchemy.orm import Session

from hub.identity import queries as identity
from hub.identity.rules import ENTERPRISE_MANAGER
from hub.notices.service.telling import notify


def tell_decided_case(session: Session, case_id: str, *, now: datetime) -> int:
    """Tell who asked, and of what holds for the whole enterprise its managers too; how many. Safe to repeat."""
    case = identity.case_by_id(session, case_id)
    if case is None or case.state not in ("confirmed", "refused"):
        return 0
    template = "foreign_claim_decided" if case.kind == "foreign_claim" else f"{case.kind}_{case.state}"
    asking = identity.person_by_id(session, case.person_id) if case.person_id is not None else None
    links = {asking.name: "/account#cases"} if asking is not None and asking.is_active else {}
    if case.enterprise_id is not None and template not in ("verification_refused", "foreign_claim_decided"):
        managers = identity.names_acting(session, role=ENTERPRISE_MANAGER, party_id=case.enterprise_id)
        links = dict.fromkeys(managers, "/organisation") | links
    return sum(
        notify(
            session,
            [name],
            template,
            {},
            subject=f"case:{case.id}",
            link=link,
            key=f"case:{case.id}",
            now=now,
        )
        for name, link in links.items()
    )
