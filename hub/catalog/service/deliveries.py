"""Uploads and pushed batches: content that comes by itself, parsed whole before anything of it is written."""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

from adapters.contract import NativePage, ProvinceAdapter, Resource
from adapters.errors import AdapterError
from hub.catalog.service import deletions, pages, sorting, sync
from hub.catalog.service.watch import Watch
from hub.core import audit, outbox
from hub.core.ids import holder_name, random_token
from hub.core.runtime import Runtime
from hub.federation import rules
from hub.federation.errors import DeliveryRefused, ProvinceUnknown, ResourceUnknown
from hub.federation.models import Batch, File
from hub.federation.service import deliveries, runs

UPLOAD_TASK = "catalog.take_upload"
BATCH_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
PERIOD = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
MAX_BATCH_BYTES = 16_000_000
MAX_BATCH_LINES = 5_000

_LINE = re.compile(r"第 ([0-9]+) 行$")
_ORDINAL = re.compile(r"#([0-9]+)$")


class Delivered(NamedTuple):
    """What became of a delivery: how its run ended, and every record's verdict in order of delivery."""

    ended: deletions.Ended
    verdicts: list[pages.Verdict]
    damaged: list[str]


@dataclass(frozen=True, slots=True)
class Pushed:
    """A batch as a platform sent it."""

    province: str
    resource: str
    batch_id: str
    content: bytes = field(repr=False)
    actor: str
    period: str | None = None


def adapter_of(runtime: Runtime, province: str) -> ProvinceAdapter:
    """The province's adapter. Raises `ProvinceUnknown`."""
    adapter = runtime.adapters.get(province)
    if adapter is None:
        raise ProvinceUnknown(province)
    return adapter


def resource_of(adapter: ProvinceAdapter, name: str, direction: str) -> Resource:
    """The resource of this name that is delivered this way. Raises `ResourceUnknown` naming the possible ones."""
    fitting = {r.name: r for r in adapter.resources() if r.direction == direction}
    if name not in fitting:
        raise ResourceUnknown(adapter.province, name, tuple(fitting))
    return fitting[name]


def receive_upload(runtime: Runtime, upload: deliveries.Upload) -> File:
    """Keep an uploaded file and have it read by a task. The same content again is read again, as one file.

    Raises `ProvinceUnknown`, `ResourceUnknown`, `DeliveryRefused` (empty, too large, wrong kind of file).
    """
    adapter = adapter_of(runtime, upload.province)
    resource = resource_of(adapter, upload.resource, "upload")
    _check_upload(upload, resource, adapter.manifest.limits.file_bytes)
    with runtime.database.write() as session:
        file, is_new = deliveries.receive_file(session, upload, now=runtime.clock())
    if is_new:
        for number, content in deliveries.split_content(upload.content):
            with runtime.database.write() as session:
                deliveries.store_part(session, file.id, number, content)
            sync.pause_for(runtime.database)()
    with runtime.database.write() as session:
        now = runtime.clock()
        file = session.get_one(File, file.id)
        if file.state != "queued":
            file.state, file.error = "queued", None
            outbox.enqueue(session, UPLOAD_TASK, {"file_id": file.id}, queue=outbox.SYNC, now=now)
        subject = f"file:{file.id}"
        told = {"province": file.province, "filename": file.filename, "sha256": file.sha256}
        audit.record(session, upload.actor, "catalog.upload_file", subject, told, now=now)
    return file


def take_upload(runtime: Runtime, file_id: int, *, owner: str) -> File:
    """Read a stored file as a run. Safe to repeat; a file that cannot be read ends as `failed` with the reason."""
    with runtime.database.write() as session:
        file, content = deliveries.read_file(session, file_id)
        file.state = "processing"
    adapter = adapter_of(runtime, file.province)
    resource = resource_of(adapter, file.resource, "upload")
    order = runs.Order("upload", owner, file.uploaded_by)
    error: dict[str, Any] | None = None
    run_id: int | None = None
    try:
        run_id = take_delivery(runtime, adapter, resource, order, (content, file.filename)).ended.run_id
    except DeliveryRefused as refused:
        error = {"code": refused.code, "zh": refused.zh, "en": refused.en}
    with runtime.database.write() as session:
        file = session.get_one(File, file_id)
        file.state = "done" if error is None else "failed"
        file.error, file.run_id = error, run_id
    return file


def take_batch(runtime: Runtime, pushed: Pushed) -> dict[str, Any]:
    """Take in a pushed batch; the answer with a verdict on every record.

    The same batch number with the same bytes gets the same answer again. Raises `BatchReused`, `RunBusy` (retry),
    `DeliveryRefused` (nothing was written), `ProvinceUnknown`, `ResourceUnknown`.
    """
    adapter = adapter_of(runtime, pushed.province)
    resource = resource_of(adapter, pushed.resource, "push")
    _check_batch(pushed)
    digest = sha256(pushed.content).hexdigest()
    with runtime.database.read() as session:
        held = deliveries.find_batch(session, pushed.province, pushed.batch_id, pushed.resource, digest)
        if held is not None and held.answer is not None:
            return held.answer
    batch = Batch(
        province=pushed.province,
        batch_id=pushed.batch_id,
        resource=pushed.resource,
        period=pushed.period,
        sha256=digest,
        received_at=runtime.clock(),
        run_id=0,
    )
    # an owner of its own: a repeat that comes while the first is still at work has to wait
    order = runs.Order("push", f"{holder_name()}:{random_token(6)}", pushed.actor)
    filename = f"{pushed.batch_id}.ndjson"
    taken = take_delivery(runtime, adapter, resource, order, (pushed.content, filename), batch=batch)
    answer = _answer(pushed, taken)
    with runtime.database.write() as session:
        deliveries.answer_batch(session, pushed.province, pushed.batch_id, answer)
    return answer


def take_delivery(
    runtime: Runtime,
    adapter: ProvinceAdapter,
    resource: Resource,
    order: runs.Order,
    content: tuple[bytes, str],
    *,
    batch: Batch | None = None,
    step: sync.Step = lambda _name: None,
) -> Delivered:
    """Parse content `(bytes, file name)` whole, then write it as one run.

    Raises `DeliveryRefused` when it cannot be read at all: a run records that, the catalogue is untouched.
    """
    version = adapter.mapping_version(resource)
    with runtime.database.write() as session:
        claim = runs.claim_run(
            session,
            adapter.province,
            resource,
            order,
            mapping_version=version,
            now=runtime.clock(),
            is_delivery=True,
        )
        if batch is not None:
            batch.run_id = claim.run_id
            deliveries.open_batch(session, batch)
    source = sorting.Source(adapter, resource, claim, version)
    with sync.beating(runtime, claim):
        try:
            parsed = _parse(runtime, source, content)
        except AdapterError as error:
            _end(runtime, source, rules.error_reason(error))
            raise DeliveryRefused(error.code.replace("-", "_"), error.zh, error.en) from error
        pause = sync.pause_for(runtime.database)
        written = _write(runtime, source, parsed, step=step, pause=pause)
        ended = _end(runtime, source, None)
    damaged = [piece.position for page in parsed for piece in page.damaged]
    return Delivered(ended, written, damaged)


def _parse(runtime: Runtime, source: sorting.Source, content: tuple[bytes, str]) -> list[NativePage]:
    watch = Watch(source.adapter.manifest.limits, runtime.clock().timestamp(), may_repeat_pages=True)
    parsed = []
    for page in source.adapter.parse(source.resource, *content):
        watch.check(page, runtime.clock().timestamp())
        parsed.append(page)
    return parsed


def _write(
    runtime: Runtime,
    source: sorting.Source,
    parsed: Sequence[NativePage],
    *,
    step: sync.Step,
    pause: Callable[[], None],
) -> list[pages.Verdict]:
    whole: list[pages.Verdict] = []
    broken: list[pages.Verdict] = []
    for page in parsed:
        verdicts = sync.take_page(runtime, source, page, step=step, pause=pause)
        whole += verdicts[: len(page.records)]
        broken += verdicts[len(page.records) :]
    return whole + broken


def _end(runtime: Runtime, source: sorting.Source, error: rules.Reason | None) -> deletions.Ended:
    ending = deletions.Ending(source.claim, source.resource, source.mapping_version, error, is_delivery=True)
    return deletions.end_run(
        runtime.database, ending, clock=runtime.clock, pause=sync.pause_for(runtime.database)
    )


def _check_upload(upload: deliveries.Upload, resource: Resource, limit: int) -> None:
    if not upload.content:
        raise DeliveryRefused("file_empty", "文件是空的。", "The file is empty.", field="file")
    if len(upload.content) > limit:
        megabytes = limit // 1_000_000
        raise DeliveryRefused(
            "file_too_large",
            f"文件超过 {megabytes} MB 的上限。",
            f"The file is larger than {megabytes} MB.",
            413,
            field="file",
        )
    endings = tuple(ending if ending.startswith(".") else f".{ending}" for ending in resource.accepts)
    if endings and not upload.filename.lower().endswith(endings):
        told = "、".join(endings)
        raise DeliveryRefused(
            "file_kind",
            f"只接受以下类型的文件：{told}。",
            f"Only these kinds of files are accepted: {', '.join(endings)}.",
            415,
            field="file",
        )


def _check_batch(pushed: Pushed) -> None:
    if not BATCH_ID.fullmatch(pushed.batch_id):
        raise DeliveryRefused(
            "batch_id_invalid",
            "批次号应为 1—64 个字母、数字或 . _ -。",
            "A batch id has 1–64 letters, digits or . _ -.",
            field="batch_id",
        )
    if pushed.period is not None and not PERIOD.fullmatch(pushed.period):
        raise DeliveryRefused(
            "period_invalid",
            "期间应写作 2026、2026-11 或 2026-11-30。",
            "A period is written 2026, 2026-11 or 2026-11-30.",
            field="period",
        )
    if len(pushed.content) > MAX_BATCH_BYTES or pushed.content.count(b"\n") > MAX_BATCH_LINES:
        raise DeliveryRefused(
            "batch_too_large",
            f"每批最多 {MAX_BATCH_LINES} 行、{MAX_BATCH_BYTES // 1_000_000} MB；请分批报送。",
            f"A batch has at most {MAX_BATCH_LINES} lines and {MAX_BATCH_BYTES // 1_000_000} MB; split it.",
            413,
        )
    if not pushed.content.strip():
        raise DeliveryRefused("batch_empty", "批次中没有记录。", "The batch holds no record.")


def _answer(pushed: Pushed, taken: Delivered) -> dict[str, Any]:
    lines = _lines(pushed.content, taken)
    by_line = sorted(zip(lines, taken.verdicts, strict=True), key=lambda pair: pair[0])
    records = [
        {
            "line": line,
            "key": verdict.key,
            "verdict": verdict.verdict,
            "problems": [_problem(problem) for problem in verdict.problems],
        }
        for line, verdict in by_line
    ]
    counts = dict.fromkeys(("accepted", "unchanged", "rejected", "deleted"), 0)
    for verdict in taken.verdicts:
        counts[verdict.verdict] += 1
    return {
        "batch_id": pushed.batch_id,
        "resource": pushed.resource,
        "run_id": taken.ended.run_id,
        "verdict": taken.ended.verdict,
        "reasons": rules.as_documents(taken.ended.reasons),
        "received": len(taken.verdicts),
        **counts,
        "records": records,
    }


def _problem(problem: Any) -> dict[str, Any]:
    told = asdict(problem)
    return {name: told[name] for name in ("pointer", "code", "zh", "en")}


def _lines(content: bytes, taken: Delivered) -> list[int]:
    """The line of every verdict: the records in order, then the pieces that were none."""
    filled = [n for n, line in enumerate(content.split(b"\n"), start=1) if line.strip()]
    broken = [_line_of(position, filled) for position in taken.damaged]
    whole = [line for line in filled if line not in set(broken)]
    return whole + broken


def _line_of(position: str, filled: Sequence[int]) -> int:
    by_line, by_ordinal = _LINE.search(position), _ORDINAL.search(position)
    if by_line is not None:
        return int(by_line[1])
    if by_ordinal is not None and 0 < int(by_ordinal[1]) <= len(filled):
        return filled[int(by_ordinal[1]) - 1]
    return 0
