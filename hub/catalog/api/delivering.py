"""What provinces send: pushed batches, period digests (platform key), uploaded files (staff)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Header, Query, Request, Response, UploadFile

from hub.catalog.api.parameters import Code
from hub.catalog.service import deliveries, digests
from hub.catalog.service.digests import PeriodDigest
from hub.core.web import CurrentRuntime, json_answer, json_body
from hub.federation.errors import DeliveryRefused
from hub.federation.service.deliveries import Upload
from hub.identity.access import Principal, action

router = APIRouter(tags=["deliveries"])

FORM_BYTES = 68_000_000
"""Bytes of an upload with its form around it; the province's own limit is checked on the content."""

Platform = Annotated[Principal, action("catalog.push")]
Uploader = Annotated[Principal, action("catalog.upload")]


async def delivered_body(request: Request) -> bytes | PeriodDigest:
    """A batch's bytes, or a period digest that was sent as JSON. Raises `DeliveryRefused` for other media types."""
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type == "application/json":
        return digests.read_digest(await json_body(request))
    if media_type not in {"application/x-ndjson", "application/ndjson", "application/jsonl"}:
        raise DeliveryRefused(
            "media_type_unsupported",
            "批次请以 application/x-ndjson 发送（每行一条记录），期间摘要以 application/json 发送。",
            "Send a batch as application/x-ndjson (one record a line), a period digest as application/json.",
            415,
            field="content-type",
        )
    return await request.body()


@router.post("/sync/{code}/batches", max_body_size=deliveries.MAX_BATCH_BYTES)
def push_batch(
    code: Code,
    runtime: CurrentRuntime,
    principal: Platform,
    content: Annotated[Any, Depends(delivered_body)],
    *,
    resource: Annotated[str, Query(max_length=60)] = "instruments",
    batch_id: Annotated[str | None, Query(max_length=200)] = None,
    batch: Annotated[str | None, Header(alias="Batch-Id", max_length=200)] = None,
    period: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """Take in a batch (NDJSON): every line gets a verdict, the same batch again the same answer. Or a digest (JSON)."""
    if isinstance(content, PeriodDigest):
        return json_answer(digests.compare_digest(runtime, code, content, actor=principal.name))
    name = batch or batch_id or ""
    pushed = deliveries.Pushed(code, resource, name, content, principal.name, period)
    return json_answer(deliveries.take_batch(runtime, pushed))


@router.post("/sync/{code}/digests", max_body_size=deliveries.MAX_BATCH_BYTES)
def push_digest(
    code: Code, runtime: CurrentRuntime, principal: Platform, body: Annotated[Any, Depends(json_body)]
) -> Response:
    """Compare what the province holds at the end of a period with what the hub holds; the differences."""
    digest = digests.read_digest(body)
    return json_answer(digests.compare_digest(runtime, code, digest, actor=principal.name))


@router.post("/provinces/{code}/files", status_code=202, max_body_size=FORM_BYTES)
def upload_file(
    code: Code,
    runtime: CurrentRuntime,
    principal: Uploader,
    file: Annotated[UploadFile, File()],
    resource: Annotated[str, Form(max_length=60)] = "instruments",
) -> Response:
    """Keep a file and have it read as a run; its state is at `/provinces/{code}/files`."""
    content = file.file.read()
    held = deliveries.receive_upload(
        runtime, Upload(code, resource, (file.filename or "")[:200], content, principal.name)
    )
    told = {"id": held.id, "sha256": held.sha256, "size": held.size, "state": held.state}
    return json_answer(told, 202, {"Location": f"/api/v1/provinces/{code}/files"})
