"""Asking for an enterprise: who one acts for and where it is registered, with a document for the office."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Response, UploadFile

from hub.core.errors import HubError
from hub.core.web import CurrentRuntime
from hub.identity import access, queries
from hub.identity.errors import DocumentRefused
from hub.identity.rules.enterprises import Claim
from hub.identity.service import cases, enterprises
from station_portal.areas import area_choices
from station_portal.frame import CurrentFrame, Frame, see_other

router = APIRouter(include_in_schema=False)

CLAIM = access.action("identity.claim_enterprise")
FORM_BYTES = 6 * 1024 * 1024


@router.get("/enterprise/claim", dependencies=[CLAIM])
def show_form(frame: CurrentFrame) -> Response:
    """The form."""
    return _form(frame, {})


@router.post("/enterprise/claim", max_body_size=FORM_BYTES)
def ask(
    runtime: CurrentRuntime,
    frame: CurrentFrame,
    me: Annotated[access.Principal, CLAIM],
    *,
    kind: Annotated[Literal["enterprise", "team", "person"], Form()] = "enterprise",
    credit_code: Annotated[str, Form(max_length=40)] = "",
    name: Annotated[str, Form(max_length=200)] = "",
    area: Annotated[str, Form(max_length=6)] = "",
    address: Annotated[str, Form(max_length=200)] = "",
    document: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Open the case with its document, both or neither; what is wrong is said beside the form, which keeps its input."""
    given = {"kind": kind, "credit_code": credit_code, "name": name, "area": area, "address": address}
    claim = Claim(credit_code.strip().upper(), name.strip(), area, address.strip(), False, kind)
    try:
        with runtime.database.write() as session:
            person = queries.person_by_id(session, me.person_id or "")
            if person is None:
                return see_other("/account")
            case = enterprises.request_verification(session, person, claim, now=frame.now)
            if document is not None and document.filename:
                content = document.file.read(cases.MOST_DOCUMENT_BYTES + 1)
                cases.add_document(session, case, document.filename, content, now=frame.now)
    except HubError as refused:
        if refused.status not in (409, 422):
            raise
        field = "document" if isinstance(refused, DocumentRefused) else refused.field or "credit_code"
        told = [frame.language.pick(refused.zh, refused.en)]
        return _form(frame, given, wrong=[(field, " ".join(told))], status=refused.status)
    return see_other("/account?told=asked#cases")


def _form(
    frame: Frame, given: dict[str, str], *, wrong: list[tuple[str, str]] | None = None, status: int = 200
) -> Response:
    context: dict[str, Any] = {
        "given": {"kind": "enterprise", "credit_code": "", "name": "", "address": "", **given},
        "kinds": [
            ("enterprise", frame.language("企业")),
            ("team", frame.language("团队（创新创业团队，非法人）")),
            ("person", frame.language("个人（以本人名义）")),
        ],
        "areas": area_choices(frame.language, given.get("area", "")),
        "wrong": wrong or [],
        "faulty": {field for field, _ in wrong or []},
    }
    return frame.page("enterprise_claim.html", context, status=status)
