"""`/schemas/…`: the specification as this hub speaks it, so that `$ref`s of the OpenAPI document resolve here."""

from typing import Any

from fastapi import APIRouter, Request, Response

import schemas
from hub.core.errors import NotFound
from hub.core.web import json_answer, public

router = APIRouter(tags=["specification"])

_MEDIA_TYPE = "application/schema+json"


@router.get("/schemas", dependencies=[public])
@router.get("/schemas/v1", dependencies=[public])
def list_documents() -> Response:
    """The version of the specification and the addresses of its documents and code lists."""
    return json_answer(
        {
            "version": schemas.VERSION,
            "documents": {name: f"/schemas/v1/{name}.schema.json" for name in schemas.document_names()},
            "codes": {name: f"/schemas/v1/codes/{name}.json" for name in schemas.list_names()},
            "machines": {name: f"/schemas/v1/machines/{name}.json" for name in schemas.machine_names()},
        }
    )


@router.get("/schemas/v1/{name}.schema.json", dependencies=[public])
def show_document(name: str) -> Response:
    """One JSON Schema document."""
    if name not in schemas.document_names():
        raise NotFound(
            f"规范中没有文档「{name}」。", f"The specification has no document {name!r}.", field="name"
        )
    answer = json_answer(schemas.document(name))
    answer.headers["content-type"] = _MEDIA_TYPE
    return answer


@router.get("/schemas/v1/machines/{name}.json", dependencies=[public])
def show_machine(name: str) -> Response:
    """One state machine: states, transitions with the side that may command them, what a province's answers mean."""
    if name not in schemas.machine_names():
        raise NotFound(
            f"规范中没有状态机「{name}」。", f"The specification has no state machine {name!r}.", field="name"
        )
    return json_answer(schemas.machine_source(name))


@router.get("/schemas/v1/codes/{name}.json", dependencies=[public])
def show_codes(name: str) -> Response:
    """One code list: code, Chinese and English name, parent, further attributes."""
    if name not in schemas.list_names():
        raise NotFound(
            f"规范中没有代码表「{name}」。", f"The specification has no code list {name!r}.", field="name"
        )
    listed: list[dict[str, Any]] = [
        {"code": code.code, "zh": code.zh, "en": code.en, "parent": code.parent or None, **code.attributes}
        for code in schemas.codes(name).values()
    ]
    return json_answer({"name": name, "items": listed})


@router.get("/api/v1/openapi.json", dependencies=[public])
def show_openapi(request: Request) -> Response:
    """The OpenAPI document; bodies and answers refer to `/schemas/…`."""
    return json_answer(request.app.openapi())
